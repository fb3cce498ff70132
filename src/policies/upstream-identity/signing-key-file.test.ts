import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { generateKeyPairSync } from 'node:crypto'
import { chmod, mkdtemp, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, test } from 'node:test'
import { createSigningKeyFile } from './signing-key-file.ts'
import { createKeyFileText, findSigner, parseKeyFile } from './signing-keys.ts'

let folder: string
const pathOf = () => join(folder, 'signing-keys.json')

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'portcullis-keys-'))
})
afterEach(() => rm(folder, { recursive: true }))

test('keys are made once, readable by their owner only, and leave nothing else behind', async () => {
  const keys = await createSigningKeyFile(folder, Date.now).load()
  assert.deepEqual(
    keys.map(({ algorithm, active }) => [algorithm, active]),
    [
      ['ES256', true],
      ['EdDSA', true],
    ],
  )
  assert.equal((await stat(pathOf())).mode & 0o777, 0o600)
  assert.deepEqual(await readdir(folder), ['signing-keys.json'])
  const again = await createSigningKeyFile(folder, Date.now).load()
  assert.deepEqual(
    again.map(({ id }) => id),
    keys.map(({ id }) => id),
  )
})

test('processes and threads that start at once end up with the same keys', async () => {
  const module = new URL('./signing-key-file.ts', import.meta.url).href
  const script = `
    const { createSigningKeyFile } = await import(${JSON.stringify(module)})
    const files = Array.from({ length: 4 }, () => createSigningKeyFile(process.argv[1], Date.now))
    const loaded = await Promise.all(files.map((file) => file.load()))
    console.log(JSON.stringify(loaded.map((keys) => keys[0].id)))
  `
  const outputs = await Promise.all(Array.from({ length: 4 }, () => runScript(script)))
  const ids = new Set(outputs.flatMap((text) => JSON.parse(text)))
  assert.equal(ids.size, 1)
  assert.deepEqual(await readdir(folder), ['signing-keys.json'])
})

function runScript(script: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ['--conditions=source', '--input-type=module', '-e', script, folder])
    let [out, err] = ['', '']
    child.stdout.on('data', (chunk) => {
      out += chunk
    })
    child.stderr.on('data', (chunk) => {
      err += chunk
    })
    child.on('close', (code) => (code === 0 ? resolve(out) : reject(new Error(err))))
  })
}

test('no public key holds its private part', async () => {
  for (const { publicJwk } of await createSigningKeyFile(folder, Date.now).load()) {
    assert.equal('d' in publicJwk, false)
    assert.equal(publicJwk.use, 'sig')
  }
})

test('a file that other users may read is refused', async () => {
  await createSigningKeyFile(folder, Date.now).load()
  for (const mode of [0o640, 0o604, 0o622]) {
    await chmod(pathOf(), mode)
    await assert.rejects(createSigningKeyFile(folder, Date.now).load(), /chmod 600/)
  }
})

test('a file that is broken is refused and never replaced', async () => {
  const text = await createKeyFileText(Date.now())
  const file = JSON.parse(text)
  const p384 = generateKeyPairSync('ec', { namedCurve: 'P-384' }).privateKey.export({ format: 'jwk' })
  const broken = [
    '',
    text.slice(0, -40),
    '{}',
    JSON.stringify({ ...file, version: 2 }),
    JSON.stringify({ version: 1, keys: [] }),
    JSON.stringify({ version: 1, keys: [{ ...file.keys[0], alg: 'HS256' }] }),
    JSON.stringify({ version: 1, keys: [{ ...file.keys[0], alg: 'EdDSA' }] }),
    JSON.stringify({ version: 1, keys: [{ ...file.keys[0], privateJwk: p384 }] }),
    JSON.stringify({ version: 1, keys: [{ ...file.keys[0], privateJwk: { ...p384, d: undefined } }] }),
  ]
  for (const each of broken) {
    await writeFile(pathOf(), each, { mode: 0o600 })
    await assert.rejects(createSigningKeyFile(folder, Date.now).load(), (error: Error) => {
      assert.match(error.message, /signing-keys\.json cannot be used: .*restore it/)
      assert.ok(!error.message.includes(file.keys[0].privateJwk.d))
      return true
    })
    assert.equal(await readFile(pathOf(), 'utf8'), each)
  }
})

test('a changed file is read again, an unchanged one is not', async () => {
  const file = createSigningKeyFile(folder, Date.now)
  const before = await file.load()
  assert.equal(await file.load(), before)
  await writeFile(pathOf(), await createKeyFileText(Date.now()), { mode: 0o600 })
  await utimes(pathOf(), 1, 1)
  const after = await file.load()
  assert.notEqual(after[0]?.id, before[0]?.id)
})

test('of several keys, the first active one of the algorithm signs and all are published', async () => {
  const [old, next] = await Promise.all([createKeyFileText(Date.now()), createKeyFileText(Date.now())])
  const [oldKeys, nextKeys] = [JSON.parse(old).keys, JSON.parse(next).keys]
  const rotating = [{ ...oldKeys[0], status: 'published' }, nextKeys[0], { ...nextKeys[1], status: 'published' }]
  const keys = parseKeyFile(JSON.stringify({ version: 1, keys: rotating }))
  assert.equal(keys.length, 3)
  assert.equal(findSigner(keys, 'ES256').id, nextKeys[0].kid)
  assert.throws(() => findSigner(keys, 'EdDSA'), /no active key for EdDSA/)
})
