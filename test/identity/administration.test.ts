import assert from 'node:assert/strict'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { type Administration, AdministrationError, openAdministration } from '../../src/index.ts'
import { openSqliteStore } from '../../src/stores/sqlite/sqlite-store.ts'
import { eventually } from '../support/eventually.ts'
import { type ServedIdentity, serveIdentity } from '../support/identity.ts'

const password = 'seven owls over a pond'
const code = (expected: string) => (error: unknown) => error instanceof AdministrationError && error.code === expected

describe('administration by code, beside a gateway that runs', () => {
  let served: ServedIdentity
  let administration: Administration

  before(async () => {
    served = await serveIdentity({
      identity: '  tenants: { north: {} }',
      routes: '  - { path: /north, upstream: api, authenticate: [jwt], jwt: { issuers: [north] } }',
    })
    const config = join(served.gateway.folder, 'portcullis.yaml')
    administration = await openAdministration({ config, actor: 'back-office:ann' })
  })
  after(async () => {
    await administration?.close()
    await served?.stop()
  })

  async function askToken(issuer: string, id: string, secret: string | null) {
    const authorization = `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}`
    const body = new URLSearchParams({ grant_type: 'client_credentials', scope: 'orders:read' })
    const response = await fetch(`${issuer}/token`, { method: 'POST', headers: { authorization }, body })
    return { status: response.status, token: ((await response.json()) as { access_token?: string }).access_token }
  }
  const within = (what: string, holds: () => Promise<boolean>) => eventually(what, holds, 1000)

  test('a client is added, rotated, changed, disabled and removed, and the gateway follows', async () => {
    const { clients } = administration
    const north = `${served.issuer}/t/north`
    const given = { grants: ['clientCredentials'] as const, scopes: ['orders:read'] }
    const { client, secret } = await clients.add({ id: 'nightly', tenant: 'north', ...given })
    assert.equal(client.tenant, 'north')
    let { token } = await askToken(north, 'nightly', secret)
    const call = async () =>
      (await fetch(`${served.origin}/north`, { headers: { authorization: `Bearer ${token}` } })).status
    assert.equal(await call(), 200)
    assert.equal((await askToken(served.issuer, 'nightly', secret)).status, 401)

    const rotated = await clients.rotate('nightly', { tenant: 'north', overlapMs: 0 })
    await within('the old secret has ended', async () => (await askToken(north, 'nightly', secret)).status === 401)
    assert.equal((await askToken(north, 'nightly', rotated.secret)).status, 200)
    await clients.disable('nightly', { tenant: 'north' })
    await within('it is out', async () => (await askToken(north, 'nightly', rotated.secret)).status === 401)
    await within('its tokens are refused', async () => (await call()) === 401)
    await clients.enable('nightly', { tenant: 'north' })
    await within('it is in', async () => (await askToken(north, 'nightly', rotated.secret)).status === 200)
    assert.equal(await call(), 401, 'tokens from before stay worthless')
    const changed = await clients.update('nightly', { scopes: ['orders:write'] }, { tenant: 'north' })
    assert.deepEqual(changed.settings.scopes, ['orders:write'])
    const weekly = await clients.add({ id: 'weekly', tenant: 'north', ...given })
    token = (await askToken(north, 'weekly', weekly.secret)).token
    assert.equal(await call(), 200)
    for (const id of ['nightly', 'weekly']) await clients.remove(id, { tenant: 'north' })
    await within('its tokens are refused', async () => (await call()) === 401)
    assert.deepEqual(await clients.list({ tenant: 'north', limit: 9 }), [])
  })

  test('what breaks a rule, is there already or is nowhere is an error that says which', async () => {
    const { clients, users } = administration
    const given = { grants: ['clientCredentials'] as const, scopes: [] }
    await assert.rejects(clients.add({ id: 'batch', ...given }), code('taken'), 'the policy file has it')
    await assert.rejects(clients.add({ id: 'x', tenant: 'nroth', ...given }), code('unknown'))
    await assert.rejects(clients.add({ id: 'x', public: true, ...given }), code('invalid'))
    await assert.rejects(clients.add({ id: 'x', ...given, resources: ['urn:nothing'] }), code('invalid'))
    await assert.rejects(clients.update('nobody', { scopes: [] }), code('unknown'))
    await assert.rejects(clients.remove('nobody'), code('unknown'))
    await assert.rejects(users.create({ username: 'a:b' }), code('invalid'))
    await assert.rejects(users.create({ username: 'kim', password: 'short' }), code('invalid'))
    await users.create({ username: 'kim' })
    await assert.rejects(users.create({ username: 'KIM' }), code('taken'))
    await assert.rejects(users.disable('nobody'), code('unknown'))
    await assert.rejects(openAdministration({ config: 'nowhere.yaml', actor: 'x' }), /nowhere\.yaml/)
  })

  test('an account is created, changed, disabled and removed; the trail says by whom', async () => {
    const { users } = administration
    const bob = await users.create({ username: 'bob', tenant: 'north', password, roles: ['customer'] })
    assert.ok(!('passwordHash' in bob) && bob.hasPassword)
    assert.equal((await users.find('BOB', 'north'))?.id, bob.id)
    assert.deepEqual((await users.update(bob.id, { roles: ['boss'] })).roles, ['boss'])
    assert.equal((await users.setPassword(bob.id, null)).hasPassword, false)
    assert.notEqual((await users.disable(bob.id)).disabledAt, null)
    assert.equal((await users.enable(bob.id)).disabledAt, null)
    await users.remove(bob.id)
    assert.equal(await users.get(bob.id), null)
    assert.equal(await administration.sessions.revoke('nobody'), 'unknown')

    const store = await openSqliteStore({ path: join(served.gateway.folder, 'data', 'portcullis.db') })
    const rows = await store.db.selectFrom('audit_events').select(['actor', 'action', 'detail']).execute()
    store.close()
    const ours = rows.filter(({ actor }) => actor === 'back-office:ann')
    assert.ok(ours.some(({ action }) => action === 'account-disabled'))
    assert.ok(ours.some(({ action }) => action === 'client-removed'))
    assert.ok(!JSON.stringify(rows).includes(password))
  })
})
