import assert from 'node:assert/strict'
import { fork } from 'node:child_process'
import { X509Certificate } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, beforeEach, test } from 'node:test'
import { createTestCertificate } from '../../test/support/certificate.ts'
import { testSnapshot } from '../../test/support/snapshot.ts'
import type { HttpsListener, Snapshot } from '../config/snapshot.ts'
import { createDevCertificate } from '../gateway/dev-certificate.ts'
import { createCertificateSet } from '../gateway/tls.ts'
import { certificateFiles, readCertificates } from './certificates.ts'

const dayMs = 86_400_000

let folder: string
let path: string

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'certificates-'))
  path = join(folder, 'dev-certificate.pem')
})
after(() => rm(folder, { recursive: true }))
beforeEach(async () => {
  for (const name of await readdir(folder)) await rm(join(folder, name))
})

const snapshotFor = (certificates: HttpsListener['certificates']): Snapshot =>
  testSnapshot({
    baseFolder: folder,
    dataFolder: folder,
    listen: { https: { host: '127.0.0.1', port: 0, certificates, http2: true }, http: null, admin: null },
  })

const readDev = async () => (await readCertificates(snapshotFor('dev')))[0]?.cert ?? ''

test('the dev certificate is made once, for its owner only, and used again', async () => {
  const first = await readDev()
  if (process.platform !== 'win32') assert.equal((await stat(path)).mode & 0o777, 0o600)
  assert.equal(await readDev(), first)
  const certificate = new X509Certificate(first)
  assert.ok(certificate.checkHost('localhost') !== undefined && certificate.checkIP('127.0.0.1') !== undefined)
  assert.ok(certificate.checkIP('::1') !== undefined && certificate.checkHost(hostname()) !== undefined)
  assert.equal(certificate.ca, false)
  createCertificateSet(await readCertificates(snapshotFor('dev')))
  assert.deepEqual(await readdir(folder), ['dev-certificate.pem'])
})

test('one that ends within a week, has ended, or is damaged is made anew', async () => {
  const bad = [
    await createDevCertificate(new Date(Date.now() - 360 * dayMs)),
    await createDevCertificate(new Date(Date.now() - 800 * dayMs)),
    'no certificate',
    '',
  ]
  for (const pem of bad) {
    await writeFile(path, pem, { mode: 0o600 })
    const renewed = await readDev()
    assert.notEqual(renewed, pem)
    assert.equal((await readFile(path)).toString(), renewed)
    assert.ok(Date.parse(new X509Certificate(renewed).validTo) > Date.now() + 300 * dayMs)
  }
  const good = await createDevCertificate(new Date(Date.now() - 300 * dayMs))
  await writeFile(path, good)
  assert.equal(await readDev(), good)
})

const program = `
  import { readCertificates } from ${JSON.stringify(new URL('./certificates.ts', import.meta.url).href)}
  process.on('message', async (snapshot) => {
    const [pair] = await readCertificates(snapshot)
    process.send(pair.cert, () => process.exit())
  })
  process.send('ready')
`

test('several processes at once make one, and all take it: at first, and when it is renewed', async () => {
  const script = join(folder, 'read-dev.mjs')
  for (const before of [null, await createDevCertificate(new Date(Date.now() - 360 * dayMs))]) {
    await rm(path, { force: true })
    await writeFile(script, program)
    if (before !== null) await writeFile(path, before)
    const children = Array.from({ length: 4 }, () => fork(script))
    await Promise.all(children.map((child) => once(child, 'message')))
    const answers = children.map((child) => once(child, 'message'))
    for (const child of children) child.send(snapshotFor('dev'))
    const seen = new Set((await Promise.all(answers)).map(([pem]) => String(pem)))
    assert.equal(seen.size, 1)
    assert.deepEqual([...seen], [(await readFile(path)).toString()])
    assert.deepEqual((await readdir(folder)).sort(), ['dev-certificate.pem', 'read-dev.mjs'])
  }
})

test('a lock that a dead process left is passed over', async () => {
  const lock = `${path}.lock`
  await writeFile(lock, '1')
  await utimes(lock, new Date(Date.now() - 60_000), new Date(Date.now() - 60_000))
  assert.match(await readDev(), /BEGIN CERTIFICATE/)
})

test('certificates from files: relative to the policy file, watched, and named where they cannot be read', async () => {
  const { cert, key } = createTestCertificate('shop.example')
  await writeFile(join(folder, 'cert.pem'), cert)
  await writeFile(join(folder, 'key.pem'), key)
  const snapshot = snapshotFor([{ cert: 'cert.pem', key: 'key.pem' }])
  assert.equal((await readCertificates(snapshot))[0]?.cert, cert)
  assert.deepEqual(certificateFiles(snapshot), [join(folder, 'cert.pem'), join(folder, 'key.pem')])
  assert.deepEqual(certificateFiles(snapshotFor('dev')), [])
  await assert.rejects(
    readCertificates(snapshotFor([{ cert: 'none.pem', key: 'key.pem' }])),
    /certificate .*none\.pem cannot be read/,
  )
  await assert.rejects(
    readCertificates(snapshotFor([{ cert: 'cert.pem', key: 'none.pem' }])),
    /key .*none\.pem cannot be read/,
  )
  assert.deepEqual(await readCertificates({ ...snapshot, listen: { ...snapshot.listen, https: null } }), [])
})

test('a data folder that cannot be written to is an error that names it', async () => {
  const notFolder = join(folder, 'a-file')
  await writeFile(notFolder, '')
  await assert.rejects(readCertificates({ ...snapshotFor('dev'), dataFolder: notFolder }), /ENOTDIR.*a-file/)
})
