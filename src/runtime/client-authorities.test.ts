import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { type ClientAuthority, createClientAuthority } from '../../test/support/client-certificates.ts'
import { testSnapshot } from '../../test/support/snapshot.ts'
import type { Snapshot } from '../config/snapshot.ts'
import { clientAuthorityFiles, openClientCertificates, readClientAuthorities } from './client-authorities.ts'

let folder: string
let authority: ClientAuthority
let snapshot: Snapshot

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'client-authorities-'))
  authority = await createClientAuthority()
  const clientCertificates = { ca: 'ca.pem', crl: ['crl.pem'], mode: 'request' } as const
  const https = { host: '127.0.0.1', port: 0, certificates: 'dev', http2: true, clientCertificates } as const
  snapshot = testSnapshot({ baseFolder: folder, listen: { https, http: null, admin: null } })
})
after(() => rm(folder, { recursive: true }))

test('the files are read, watched, and refused by name', async () => {
  await assert.rejects(readClientAuthorities(snapshot, Date.now()), /ca\.pem cannot be read: ENOENT/)
  await writeFile(join(folder, 'ca.pem'), authority.cert)
  await assert.rejects(readClientAuthorities(snapshot, Date.now()), /crl\.pem cannot be read: ENOENT/)
  await writeFile(join(folder, 'crl.pem'), 'no list')
  await assert.rejects(readClientAuthorities(snapshot, Date.now()), /crl\.pem: no PEM block/)
  await writeFile(join(folder, 'crl.pem'), await authority.revoke([], { from: -2, to: -1 }))
  await assert.rejects(readClientAuthorities(snapshot, Date.now()), /crl\.pem: this revocation list has expired \(20/)
  await writeFile(join(folder, 'crl.pem'), await authority.revoke([]))
  const source = await readClientAuthorities(snapshot, Date.now())
  assert.equal(source?.ca.text, authority.cert)
  assert.deepEqual(clientAuthorityFiles(snapshot), [join(folder, 'ca.pem'), join(folder, 'crl.pem')])
})

test('a thread can start with a list that has expired since, and trusts nobody by it', async () => {
  const source = {
    ca: { text: authority.cert, source: 'ca.pem' },
    crl: [{ text: await authority.revoke([], { from: -2, to: -1 }), source: 'crl.pem' }],
  }
  const leaf = await authority.issue()
  const { judge } = openClientCertificates(source, 'request')
  assert.match(judge(new Uint8Array(leaf.x509.rawData), [], Date.now()).problem ?? '', /has expired/)
})

test('without `clientCertificates` there is nothing to read', async () => {
  assert.equal(await readClientAuthorities(testSnapshot(), Date.now()), null)
  assert.deepEqual(clientAuthorityFiles(testSnapshot()), [])
})
