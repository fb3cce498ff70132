import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, test } from 'node:test'
import { newClient } from '../../../test/contracts/client-store.ts'
import { createProvide } from '../../core/ports.ts'
import { DecryptionError } from '../../crypto/ring/decryption-error.ts'
import { createKeyRing } from '../../crypto/ring/key-ring.ts'
import { createAccountLookup } from '../../stores/account-lookup.ts'
import { createArtefactLookup } from '../../stores/artefact-lookup.ts'
import { createArtefactStore } from '../../stores/artefact-store.ts'
import { createClientLookup } from '../../stores/client-rows.ts'
import { createClientStore } from '../../stores/client-store.ts'
import { accountLookupPort } from '../../stores/ports/account-store.ts'
import { clientLookupPort } from '../../stores/ports/client-store.ts'
import { openSqliteReader } from '../../stores/sqlite/sqlite-reader.ts'
import { openSqliteStore } from '../../stores/sqlite/sqlite-store.ts'
import { createAdapter } from '../artefacts/adapter.ts'
import { createSealedPayloads } from '../artefacts/sealed-payloads.ts'
import { listIssuers } from '../issuers.ts'
import { identityOptions } from '../options.ts'
import { toTenantPorts } from './tenant-ports.ts'

const folder = mkdtempSync(join(tmpdir(), 'portcullis-tenants-'))
const path = join(folder, 'portcullis.db')
const store = await openSqliteStore({ path })
const reader = openSqliteReader({ path })
const ring = createKeyRing([
  { id: 'Key000000001', role: 'active', secret: randomBytes(32) },
  { id: 'Index0000001', role: 'index', secret: randomBytes(32) },
])
const artefacts = createArtefactStore(store.db)
const lookup = createArtefactLookup(reader.db, reader.read)

after(() => {
  reader.close()
  store.close()
  rmSync(folder, { recursive: true })
})

/** What oidc-provider of one issuer keeps its things in. */
const open = (kind: string, realm: string | null) =>
  createAdapter(kind, {
    store: artefacts,
    lookup,
    payloads: createSealedPayloads({ current: () => ring, withKey: () => ring }, realm),
    now: () => 1_800_000_000_000,
    stands: () => true,
    toRevocation: () => null,
    structured: { find: () => undefined, revoke: async () => {} },
  })

const kinds = [
  ['a session cookie', 'Session'],
  ['a code', 'AuthorizationCode'],
  ['a refresh token', 'RefreshToken'],
  ['an opaque access token', 'AccessToken'],
  ['a login that goes on', 'Interaction'],
  ['a pushed request', 'PushedAuthorizationRequest'],
] as const

describe('what one tenant was given', () => {
  for (const [what, kind] of kinds) {
    test(`${what} would open another one without the separation, and does not with it`, async () => {
      const [id, payload] = [randomBytes(16).toString('hex'), { jti: 'x', uid: `${kind}-uid`, accountId: 'alice' }]
      await open(kind, null).upsert(id, payload, 60)
      // Two issuers on one store, as if they were not told apart: the risk is real.
      assert.equal((await open(kind, null).find(id))?.accountId, 'alice')

      await open(kind, 'north').upsert(id, payload, 60)
      assert.equal((await open(kind, 'north').find(id))?.accountId, 'alice')
      for (const other of ['south', 'north2']) {
        assert.equal(await open(kind, other).find(id), undefined)
        assert.equal(await open(kind, other).findByUid(`${kind}-uid`), undefined)
        await assert.rejects(open(kind, other).consume(id), /invalid_grant/)
      }
      assert.equal((await open(kind, 'north').find(id))?.consumed, undefined, 'nobody else uses it up')
    })
  }

  test('opens nothing elsewhere even where somebody moves its row in the database', async () => {
    const [north, south] = ['north', 'south'].map((realm) =>
      createSealedPayloads({ current: () => ring, withKey: () => ring }, realm),
    )
    await open('Session', 'north').upsert('stolen', { jti: 'stolen', accountId: 'alice' }, 60)
    const [from, to] = [north?.digest('stolen') as string, south?.digest('stolen') as string]
    await store.db.updateTable('artefacts').set({ digest: to }).where('digest', '=', from).execute()
    await assert.rejects(open('Session', 'south').find('stolen'), DecryptionError)
  })
})

test('accounts and clients of other tenants are not there', async () => {
  const identity = identityOptions.parse({
    issuer: 'https://login.example.com',
    tenants: { north: {}, south: {} },
  })
  const nothing = { passwordHash: null, roles: [], scopes: [], attributes: {}, createdAt: 1 }
  for (const tenant of [null, 'north', 'south'])
    await store.accounts.create({ id: `of-${tenant}`, username: 'alice', tenant, ...nothing })
  await createClientStore(store.db).create(newClient({ id: 'shop' }))
  await createClientStore(store.db).create(newClient({ id: 'shop-n', tenant: 'north' }))
  const provide = createProvide([
    [accountLookupPort, createAccountLookup(reader.db, reader.read)],
    [clientLookupPort, createClientLookup(reader.db, reader.read)],
  ])
  const seen = await Promise.all(
    listIssuers(identity).map(async (issuer) => {
      const own = toTenantPorts(provide, issuer)
      const accounts = await Promise.all(
        ['of-null', 'of-north', 'of-south'].map((id) => own(accountLookupPort).find(id)),
      )
      const clients = await Promise.all(['shop', 'shop-n'].map((id) => own(clientLookupPort).find(id)))
      const named = await own(accountLookupPort).findByUsername('north', 'alice')
      return [issuer.issuer, ...[...accounts, ...clients, named].map((one) => one?.id ?? null)]
    }),
  )
  assert.deepEqual(seen, [
    ['https://login.example.com', 'of-null', null, null, 'shop', null, null],
    ['https://login.example.com/t/north', null, 'of-north', null, null, 'shop-n', 'of-north'],
    ['https://login.example.com/t/south', null, null, 'of-south', null, null, null],
  ])
})

test('tenants that would not be told apart are errors', () => {
  const base = { issuer: 'https://login.example.com', tenants: { north: {} } }
  const problemsOf = (identity: object) => {
    const parsed = identityOptions.safeParse({ ...base, ...identity })
    return parsed.success
      ? ''
      : parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('\n')
  }
  assert.equal(problemsOf({}), '')
  assert.match(problemsOf({ tenant: 'north' }), /tenants\.north: its accounts log in at the block/)
  assert.match(
    problemsOf({ tenants: { a: { issuer: base.issuer } } }),
    /tenants\.a\.issuer: is that of the block itself/,
  )
  const resources = { a: { identifier: 'urn:a' } }
  assert.match(
    problemsOf({ tenants: { x: { resources }, y: { resources } } }),
    /y\.resources: "a" is what a resource of/,
  )
  assert.match(problemsOf({ tenants: { x: { signUp: 'open' } } }), /x\.signUp: needs `mail`/)
  const until = new Date(Date.now() + 86_400_000).toISOString().slice(0, 10)
  const old = { id: 'old', secret: 'env:C', grants: [], legacy: { password: { reason: 'moving', until } } }
  assert.equal(problemsOf({ clients: [old] }), '')
  assert.match(problemsOf({ clients: [old], secondFactor: 'required' }), /clients\.0\.legacy: with `secondFactor: req/)
  assert.match(problemsOf({ clients: [{ ...old, id: 'portcullis-account' }] }), /clients\.0\.id: `portcullis-`/)
  const client = { id: 'c', secret: 'env:C', grants: ['clientCredentials'], resources: ['urn:b'] }
  assert.match(problemsOf({ resources, clients: [client] }), /clients\.0\.resources: "urn:b" is the identifier of no/)
})
