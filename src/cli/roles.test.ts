import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { type Ran, runCli } from '../../test/support/run-cli.ts'

const folder = mkdtempSync(join(tmpdir(), 'portcullis-roles-'))
after(() => rmSync(folder, { recursive: true }))

writeFileSync(
  join(folder, 'portcullis.yaml'),
  `version: 1
listen: { http: { serve: true, reason: a test } }
upstreams: { shop: { targets: [http://127.0.0.1:3000] } }
issuers: { main: { issuer: https://login.example.com/, audience: shop } }
roles:
  customer: { permissions: [orders:read] }
  admin: { inherits: [customer], permissions: [orders:delete] }
tenantRoles:
  north: { mayGrant: [orders:delete], roles: { chief: { inherits: [admin] } } }
  south: {}
routes:
  - path: /orders/{id}
    methods: [GET, DELETE]
    upstream: shop
    authenticate: [jwt, apiKey]
    authorize: { roles: [customer], methods: { DELETE: { permissions: [orders:delete] } } }
`,
)

const run = (...args: string[]): Promise<Ran> => runCli(folder, ...args)
const json = (ran: Ran): unknown => JSON.parse(ran.stdout)

test('a role is made, given, seen in a decision, and taken away', async () => {
  const denied = await run('can', 'main|alice', 'DELETE', '/orders/7', '--role', 'customer')
  assert.equal(denied.status, 1)
  assert.match(denied.stdout, /^no {8}DELETE \/orders\/7, route GET,DELETE \/orders\/\{id\}\n/)
  assert.match(denied.stdout, /permission_missing: needs all of orders:delete/)

  assert.equal((await run('roles', 'create', 'cleaner', '--inherit', 'admin', '--description', 'tidies up')).status, 0)
  assert.equal((await run('roles', 'grant', 'cleaner', '--principal', 'main|alice')).status, 0)
  const allowed = await run('can', 'main|alice', 'DELETE', '/orders/7', '--role', 'customer')
  assert.equal(allowed.status, 0, allowed.stdout)
  assert.match(allowed.stdout, /cleaner → admin → orders:delete \(the store, to the principal alice\)/)
  assert.equal((await run('can', 'main|bob', 'DELETE', '/orders/7')).status, 1)

  assert.deepEqual(
    (json(await run('roles', 'assignments', '--json')) as { role: string }[]).map(({ role }) => role),
    ['cleaner'],
  )
  assert.equal((await run('roles', 'revoke', 'cleaner', '--principal', 'main|alice')).status, 0)
  assert.equal((await run('can', 'main|alice', 'DELETE', '/orders/7')).status, 1)
  assert.equal((await run('roles', 'revoke', 'cleaner', '--principal', 'main|alice')).status, 1)
})

test('roles are shown with what they bring and where they stand', async () => {
  const shown = json(await run('roles', 'show', 'admin', '--json')) as { effective: unknown; source: string }
  assert.deepEqual(shown.effective, { roles: ['admin', 'customer'], permissions: ['orders:delete', 'orders:read'] })
  assert.equal(shown.source, 'file')
  assert.match((await run('roles', 'list')).stdout, /^customer +file +- +orders:read$/m)
})

test('only roles that are known can be given, and those of the file stay the file’s', async () => {
  const cases: [args: string[], message: RegExp][] = [
    [['grant', 'admn', '--key', 'k1'], /There is no role "admn"\. Did you mean admin\?/],
    [['create', 'x', '--inherit', 'custmer'], /Did you mean customer\?/],
    [['create', 'admin'], /The policy file has a role "admin" already/],
    [['remove', 'admin'], /stands in the policy file/],
    [['grant', 'admin', '--principal', 'mian|alice'], /There is no issuer "mian"\. Did you mean main\?/],
    [['grant', 'admin', '--group', 'https://login.example.com|x'], /Did you mean https:\/\/login\.example\.com\/\?/],
    [['grant', 'admin', '--key', 'nobody'], /There is no key "nobody"/],
  ]
  for (const [args, message] of cases) {
    const ran = await run('roles', ...args)
    assert.equal(ran.status, 1, args.join(' '))
    assert.match(ran.stderr, message)
  }
  for (const holder of [[], ['--key', 'k', '--group', 'main|x'], ['--group', 'staff']]) {
    assert.equal((await run('roles', 'grant', 'admin', ...holder)).status, 2)
  }
  // Sessions and certificates have issuers that the file does not name.
  assert.equal((await run('roles', 'grant', 'customer', '--principal', 'upstream:shop|alice')).status, 0)
  assert.equal((await run('roles', 'create', 'x', '--permission', 'orders')).status, 2)
})

test('a role of a tenant is made, given, seen in a decision and taken away, for that tenant alone', async () => {
  const can = async (...args: string[]) =>
    (await run('can', 'main|ann', 'DELETE', '/orders/7', '--role', 'customer', ...args)).status
  const north = ['--tenant', 'north']
  assert.equal((await run('roles', 'create', 'sweeper', ...north, '--permission', 'orders:delete')).status, 0)
  const granted = await run('roles', 'grant', 'sweeper', '--principal', 'main|ann', ...north)
  assert.match(granted.stdout, /now holds the role sweeper/)
  assert.deepEqual([await can(...north), await can('--tenant', 'south'), await can()], [0, 1, 1])
  assert.equal(await can(...north, '--role', 'chief'), 0)
  assert.equal(await can('--tenant', 'south', '--role', 'chief'), 1)
  const listed = json(await run('roles', 'list', ...north, '--json')) as { name: string; tenant: string }[]
  assert.deepEqual(
    listed.map(({ name, tenant }) => [name, tenant]),
    [
      ['chief', 'north'],
      ['sweeper', 'north'],
    ],
  )
  assert.match((await run('roles', 'show', 'chief', ...north)).stdout, /^Tenant +north$/m)
  const given = async (...args: string[]) =>
    (json(await run('roles', 'assignments', '--role', 'sweeper', '--json', ...args)) as unknown[]).length
  assert.deepEqual([await given(...north), await given(), await given('--tenant', 'south')], [1, 0, 0])
  assert.equal((await run('roles', 'revoke', 'sweeper', '--principal', 'main|ann')).status, 1)
  assert.equal((await run('roles', 'remove', 'sweeper', ...north)).status, 0)
  assert.deepEqual([await can(...north), await given(...north)], [1, 0])

  const cases: [args: string[], message: RegExp][] = [
    [['create', 'x', '--tenant', 'nroth'], /no tenant "nroth" under `tenantRoles`\. Did you mean north\?/],
    [['create', 'x', '--tenant', 'south', '--permission', 'orders:read'], /may not give "orders:read".*nothing/],
    [['create', 'x', ...north, '--permission', 'orders:*'], /lets them give orders:delete/],
    [['create', 'admin', ...north], /The policy file has a role "admin" already/],
    [['create', 'chief'], /The policy file has a role "chief" of the tenant north already/],
    [['grant', 'admin', '--principal', 'main|ann', ...north], /it is one of the deployment/],
    [['grant', 'chief', '--principal', 'main|ann'], /it is one of the tenant north/],
    [['remove', 'chief', ...north], /stands in the policy file/],
  ]
  for (const [args, message] of cases) {
    const ran = await run('roles', ...args)
    assert.equal(ran.status, 1, args.join(' '))
    assert.match(ran.stderr, message)
  }
})

test('a key is a caller, by its id', async () => {
  const key = json(await run('keys', 'create', '--owner', 'shop-app', '--role', 'customer', '--json')) as { id: string }
  assert.equal((await run('can', key.id, 'GET', '/orders/7')).status, 0)
  assert.equal((await run('can', key.id, 'DELETE', '/orders/7')).status, 1)
  await run('roles', 'grant', 'admin', '--key', key.id)
  const allowed = json(await run('can', key.id, 'DELETE', '/orders/7', '--json')) as { allowed: boolean }
  assert.equal(allowed.allowed, true)
  const unknown = await run('can', 'nobody', 'GET', '/orders/7')
  assert.deepEqual([unknown.status, unknown.stdout], [1, ''])
  assert.match(unknown.stderr, /There is no key "nobody"/)
})

test('a caller of an issuer that is nearly one of the file’s is not judged', async () => {
  const ran = await run('can', 'mian|alice', 'GET', '/orders/7', '--role', 'admin')
  assert.deepEqual([ran.status, ran.stdout], [1, ''])
  assert.match(ran.stderr, /Did you mean main\?/)
})

test('without credentials, a path that no route has is refused to everyone', async () => {
  const ran = await run('can', 'main|alice', 'GET', '/nothing', '--role', 'admin')
  assert.equal(ran.status, 1)
  assert.match(ran.stdout, /no_route/)
})
