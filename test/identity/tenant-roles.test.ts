import assert from 'node:assert/strict'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { createApiKey } from '../../src/crypto/api-key.ts'
import { type Administration, AdministrationError, openAdministration } from '../../src/index.ts'
import { openSqliteStore } from '../../src/stores/sqlite/sqlite-store.ts'
import { eventually } from '../support/eventually.ts'
import { type ServedIdentity, serveIdentity } from '../support/identity.ts'

const code = (expected: string) => (error: unknown) => error instanceof AdministrationError && error.code === expected
const within = (what: string, holds: () => Promise<boolean>) => eventually(what, holds, 1000)

describe('roles of tenants, at a gateway that runs', () => {
  let served: ServedIdentity
  let administration: Administration
  const tokens = new Map<string, string>()

  before(async () => {
    const route = (path: string, permission: string) =>
      `  - { path: ${path}, upstream: api, authenticate: [jwt, apiKey], jwt: { issuers: [identity, north, south] }, authorize: { permissions: ['${permission}'] } }\n`
    served = await serveIdentity({
      // Another worker may have remembered what this one never asked for: one knows at once what it knew before.
      workers: 1,
      identity: '  tenants: { north: {}, south: {} }',
      routes: `${route('/orders/change', 'orders:write')}${route('/orders/remove', 'orders:delete')}${route('/stock', 'stock:write')}
roles: { customer: { permissions: ['orders:read'] } }
tenantRoles:
  north: { mayGrant: ['orders:*'], roles: { editor: { inherits: [customer], permissions: ['orders:write'] } } }
  south: { mayGrant: ['*:*'], roles: { editor: { permissions: ['stock:*'] } } }`,
    })
    const config = join(served.gateway.folder, 'portcullis.yaml')
    administration = await openAdministration({ config, actor: 'back-office' })
    for (const tenant of [undefined, 'north', 'south']) {
      const client = {
        id: 'nightly',
        grants: ['clientCredentials'] as const,
        scopes: ['orders:read'],
        roles: ['editor'],
      }
      const { secret } = await administration.clients.add({ ...client, ...(tenant !== undefined && { tenant }) })
      const issuer = toIssuer(tenant)
      const response = await fetch(`${issuer}/token`, {
        method: 'POST',
        headers: { authorization: `Basic ${Buffer.from(`nightly:${secret}`).toString('base64')}` },
        body: new URLSearchParams({ grant_type: 'client_credentials' }),
      })
      tokens.set(tenant ?? '', ((await response.json()) as { access_token: string }).access_token)
    }
  })
  after(async () => {
    await administration?.close()
    await served?.stop()
  })

  const toIssuer = (tenant: string | undefined) =>
    tenant === undefined ? served.issuer : `${served.issuer}/t/${tenant}`

  const callWith = async (authorization: string, path: string) =>
    (await fetch(`${served.origin}${path}`, { headers: { authorization } })).status
  const call = (tenant: string, path: string) => callWith(`Bearer ${tokens.get(tenant)}`, path)

  test('one name in tokens means at each tenant what the file says there', async () => {
    const seen = await Promise.all(
      ['', 'north', 'south'].map(async (tenant) => [
        await call(tenant, '/orders/change'),
        await call(tenant, '/stock'),
      ]),
    )
    assert.deepEqual(seen, [
      [403, 403],
      [200, 403],
      [403, 200],
    ])
  })

  test('a role is made, given and removed while it runs; no other tenant notices', async () => {
    const { roles } = administration
    for (const tenant of ['north', 'south']) {
      const role = await roles.create({ tenant, name: 'cleaner', permissions: ['orders:delete'] })
      assert.deepEqual(role.effective, { roles: [], permissions: ['orders:delete'] })
    }
    const holder = { kind: 'client', issuer: toIssuer('north'), id: 'nightly' } as const
    assert.equal(await call('north', '/orders/remove'), 403)
    assert.equal(await roles.grant('cleaner', holder, { tenant: 'north' }), 'granted')
    await within('it is held', async () => (await call('north', '/orders/remove')) === 200)
    assert.deepEqual([await call('south', '/orders/remove'), await call('', '/orders/remove')], [403, 403])
    assert.equal((await roles.assignments({ tenant: 'south', limit: 9 })).length, 0)
    await roles.remove('cleaner', { tenant: 'south' })
    assert.equal(await call('north', '/orders/remove'), 200)
    await roles.remove('cleaner', { tenant: 'north' })
    await within('it is gone', async () => (await call('north', '/orders/remove')) === 403)
    assert.equal(await roles.revoke('cleaner', holder, { tenant: 'north' }), false, 'nobody holds it any more')
  })

  test('a key of a tenant is a caller of it', async () => {
    const store = await openSqliteStore({ path: join(served.gateway.folder, 'data', 'portcullis.db') })
    const seen: [string | null, number, number][] = []
    for (const tenant of ['north', 'south', 'east', null]) {
      const { id, digest, text } = createApiKey()
      const own = { owner: 'ann', name: 'a key', roles: ['editor'], scopes: [], cidrs: [], environment: null }
      await store.keys.create({ ...own, id, digest, tenant, createdAt: Date.now(), expiresAt: null })
      const key = { headers: { 'x-api-key': text } }
      const [change, stock] = await Promise.all(
        ['/orders/change', '/stock'].map(async (path) => (await fetch(`${served.origin}${path}`, key)).status),
      )
      seen.push([tenant, change as number, stock as number])
    }
    await store.close()
    assert.deepEqual(seen, [
      ['north', 200, 403],
      ['south', 403, 200],
      ['east', 403, 403],
      [null, 403, 403],
    ])
  })

  test('what the file does not let a tenant have cannot be made, and what is not there is said', async () => {
    const { roles } = administration
    const north = { tenant: 'north' }
    await assert.rejects(
      roles.create({ ...north, name: 'x', permissions: ['stock:write'] }),
      /may not give "stock:write"/,
    )
    await assert.rejects(roles.create({ ...north, name: 'x', permissions: ['*:*'] }), code('invalid'))
    await assert.rejects(roles.create({ ...north, name: 'editor' }), code('invalid'))
    await assert.rejects(roles.create({ ...north, name: 'customer' }), code('invalid'))
    await assert.rejects(roles.create({ name: 'editor' }), /of the tenant north already/)
    await assert.rejects(roles.create({ ...north, name: 'x', inherits: ['nobody'] }), /no role "nobody"/)
    await assert.rejects(roles.create({ ...north, name: 'a b' }), code('invalid'))
    await assert.rejects(roles.create({ ...north, name: 'x\u0000' }), code('invalid'))
    for (const tenant of ['nroth', '', '__proto__']) {
      await assert.rejects(roles.create({ tenant, name: 'x' }), code('unknown'), tenant)
      await assert.rejects(roles.remove('customer', { tenant }), code('unknown'), tenant)
      await assert.rejects(roles.assignments({ tenant, limit: 1 }), code('unknown'), tenant)
    }
    await assert.rejects(roles.remove('editor', north), code('invalid'), 'it stands in the file')
    const holder = { kind: 'client', issuer: toIssuer('north'), id: 'nightly' } as const
    await assert.rejects(roles.grant('customer', holder, north), /it is one of the deployment/)
    await assert.rejects(roles.grant('editor', holder), /it is one of the tenant north/)
    assert.deepEqual(
      (await roles.list(north)).map(({ name, source, effective }) => [name, source, effective.permissions]),
      [['editor', 'file', ['orders:read', 'orders:write']]],
    )
  })
})
