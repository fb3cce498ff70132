import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { errors } from 'oidc-provider'
import { newRevocation } from '../../../test/contracts/revocation-store.ts'
import { digestSecret } from '../../crypto/digest.ts'
import { DecryptionError } from '../../crypto/ring/decryption-error.ts'
import { createKeyRing } from '../../crypto/ring/key-ring.ts'
import { createArtefactLookup } from '../../stores/artefact-lookup.ts'
import { createArtefactStore } from '../../stores/artefact-store.ts'
import { openSqliteReader } from '../../stores/sqlite/sqlite-reader.ts'
import { openSqliteStore } from '../../stores/sqlite/sqlite-store.ts'
import { createAdapter } from './adapter.ts'
import { createSealedPayloads } from './sealed-payloads.ts'

const folder = mkdtempSync(join(tmpdir(), 'portcullis-adapter-'))
const path = join(folder, 'portcullis.db')
const store = await openSqliteStore({ path })
const reader = openSqliteReader({ path })
const ring = createKeyRing([
  { id: 'Key000000001', role: 'active', secret: randomBytes(32) },
  { id: 'Index0000001', role: 'index', secret: randomBytes(32) },
])
const now = 1_800_000_000_000
const deps = {
  store: createArtefactStore(store.db),
  lookup: createArtefactLookup(reader.db, reader.read),
  payloads: createSealedPayloads({ current: () => ring, withKey: () => ring }),
  now: () => now,
  stands: () => true,
  toRevocation: (value: string) => newRevocation({ kind: 'session', value }),
  structured: { find: () => undefined, revoke: async () => {} },
}
const adapter = (kind: string) => createAdapter(kind, deps)
const refresh = adapter('RefreshToken')

after(() => {
  reader.close()
  store.close()
  rmSync(folder, { recursive: true })
})

test('what was stored is found by its id, its uid and its user code', async () => {
  const payload = { jti: 'session-1', uid: 'uid-1', userCode: 'BCDF-GHJK', accountId: 'alice' }
  await adapter('Session').upsert('session-1', payload, 60)
  const kept = { ...payload, seen: { browser: null, at: now } }
  assert.deepEqual(await adapter('Session').find('session-1'), kept)
  assert.deepEqual(await adapter('Session').findByUid('uid-1'), kept)
  assert.deepEqual(await adapter('Session').findByUserCode('BCDF-GHJK'), kept)
  assert.equal(await adapter('Grant').find('session-1'), undefined)
  await adapter('Session').destroy('session-1')
  assert.equal(await adapter('Session').find('session-1'), undefined)
})

test('neither an id nor anything else that was said is in the file', async () => {
  await refresh.upsert('secret-token-id', { jti: 'secret-token-id', grantId: 'secret-grant', accountId: 'mallory' }, 60)
  const bytes = ['', '-wal'].map((end) => readFileSync(path + end, 'latin1')).join('')
  assert.match(bytes, new RegExp(digestSecret('secret-token-id')))
  for (const text of ['secret-token-id', 'secret-grant', 'mallory']) assert.ok(!bytes.includes(text), text)
})

test('a payload that was moved to another row is refused', async () => {
  await refresh.upsert('mine', { accountId: 'mallory' }, 60)
  await refresh.upsert('hers', { accountId: 'alice' }, 60)
  const hers = await deps.lookup.find('RefreshToken', digestSecret('hers'))
  await store.db
    .updateTable('artefacts')
    .set({ payload: hers?.payload ?? '' })
    .where('digest', '=', digestSecret('mine'))
    .execute()
  await assert.rejects(async () => refresh.find('mine'), DecryptionError)
})

test('what is used twice ends its grant and everything issued under it', async () => {
  await adapter('Grant').upsert('grant-2', { accountId: 'alice' }, 600)
  await refresh.upsert('used', { grantId: 'grant-2' }, 60)
  await refresh.upsert('next', { grantId: 'grant-2' }, 60)
  await refresh.consume('used')
  assert.equal((await refresh.find('used'))?.consumed, now / 1000)
  await assert.rejects(refresh.consume('used') as Promise<void>, errors.InvalidGrant)
  assert.equal(await refresh.find('next'), undefined)
  assert.equal(await adapter('Grant').find('grant-2'), undefined)
  const token = { tokenId: 'x', sessionId: digestSecret('grant-2'), subject: 'alice', issuedAt: now }
  assert.equal(reader.revocations.find({ issuer: newRevocation().issuer, ...token }), 'session')
})

test('of two proofs that come at the same time one is taken', async () => {
  const replays = adapter('ReplayDetection')
  const results = await Promise.allSettled([1, 2, 3].map(() => replays.upsert('proof', {}, 60)))
  assert.equal(results.filter(({ status }) => status === 'fulfilled').length, 1)
})
