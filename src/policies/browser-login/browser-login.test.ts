import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { after, before, beforeEach, describe, test } from 'node:test'
import fc from 'fast-check'
import { testCaller } from '../../../test/contracts/session-store.ts'
import { createTestPipeline, parseTestOptions, runTestExchange, type TestDeps } from '../../../test/support/exchange.ts'
import { runProbes } from '../../../test/support/probes.ts'
import { navigation, script } from '../../../test/support/raw-request.ts'
import { openTestSessions, start } from '../../../test/support/sessions.ts'
import { compileSnapshot } from '../../config/compile-snapshot.ts'
import { formatErrors } from '../../config/config-error.ts'
import { Fields } from '../../core/fields.ts'
import { createProvide } from '../../core/ports.ts'
import { digestSecret } from '../../crypto/digest.ts'
import { createKeyRing } from '../../crypto/ring/key-ring.ts'
import { keyRingsPort } from '../../crypto/ring/live-key-ring.ts'
import { outboundPort } from '../../outbound/outbound.ts'
import { createOutboundClient } from '../../outbound/outbound-client.ts'
import { createArtefactLookup } from '../../stores/artefact-lookup.ts'
import { createArtefactStore } from '../../stores/artefact-store.ts'
import { artefactLookupPort, artefactStorePort } from '../../stores/ports/artefact-store.ts'
import { changeEpochPort } from '../../stores/ports/change-log.ts'
import { openSqliteReader } from '../../stores/sqlite/sqlite-reader.ts'
import { openSqliteStore } from '../../stores/sqlite/sqlite-store.ts'
import { toClaimMapping } from '../claim-mapping.ts'
import { stepUp } from '../step-up/index.ts'
import { compose } from './compose.ts'
import { parseChallenge, readDemands } from './demands.ts'
import { browserLogin } from './index.ts'
import type { IssuerClient } from './issuer-client.ts'
import { LoginStates, maxLoginMs } from './login-state.ts'
import { Refresher } from './refresher.ts'
import { toReturnPath } from './return-path.ts'
import { toSessionName } from './to-tokens.ts'
import { TokenVault } from './token-vault.ts'
import type { KnownTokens, Tokens } from './tokens.ts'

const issuer = 'https://127.0.0.1:1/'
const options = {
  issuer,
  client: { id: 'portcullis', secret: 'env:SECRET' },
  origin: 'https://shop.example.com',
  allowPrivateAddress: { reason: 'nobody answers there' },
}
const keyRing = createKeyRing([
  { id: 'Key000000001', role: 'active', secret: randomBytes(32) },
  { id: 'Index0000001', role: 'index', secret: randomBytes(32) },
])
const ring = { current: () => keyRing, withKey: () => keyRing }
const outbound = createOutboundClient()

let sessions: Awaited<ReturnType<typeof openTestSessions>>
let store: Awaited<ReturnType<typeof openSqliteStore>>
let reader: ReturnType<typeof openSqliteReader>
let vault: TokenVault

before(async () => {
  sessions = await openTestSessions()
  store = await openSqliteStore({ path: sessions.path })
  reader = openSqliteReader({ path: sessions.path, retryAfterMs: 0 })
  vault = new TokenVault({
    store: createArtefactStore(store.db),
    lookup: createArtefactLookup(reader.db, reader.read),
    ring,
    epoch: createProvide(sessions.ports)(changeEpochPort),
    now: () => sessions.state.clock,
  })
})
beforeEach(() => {
  sessions.state.clock = start
  sessions.epoch.touch()
})
after(async () => {
  await outbound.close()
  store.close()
  reader.close()
  sessions.close()
})

const caller = testCaller({ id: 'carol', issuer, roles: ['customer'], authenticatedAt: start })

function newTokens(values: Partial<Tokens> = {}): Tokens {
  return {
    generation: 1,
    caller,
    login: { at: start, authenticatedAt: start, asked: {} },
    accessToken: 'the-access-token',
    refreshToken: null,
    idToken: 'the-id-token',
    issuedAt: start,
    expiresAt: start + 600_000,
    endsAt: start + 3_600_000,
    revocable: { issuer, tokenId: 'a', sessionId: null, subject: 'carol', issuedAt: start },
    grant: null,
    account: null,
    keptBeside: false,
    told: {},
    ...values,
  }
}

/** Nobody can log in here: sessions begin as if somebody had. */
async function begin(values: Partial<Tokens> = {}, of = caller) {
  const begun = await sessions.begin({ caller: of })
  await vault.put(begun.id, newTokens(values))
  return begun
}

function createRoute(more: object = {}, find = createArtefactLookup(reader.db, reader.read).find) {
  const lookup = { ...createArtefactLookup(reader.db, reader.read), find }
  return createRouteWith({ ...options, ...more }, lookup)
}

function createRouteWith(value: object, lookup: object) {
  const route = { authenticated: true, upstream: 'shop' }
  return createTestPipeline([{ policy: browserLogin, options: value }], route, toDeps(lookup))
}

function toDeps(lookup: object): TestDeps {
  return {
    now: () => sessions.state.clock,
    secrets: { 'env:SECRET': 'a secret of the client' },
    blocks: { secrets: {} },
    ports: [
      ...sessions.ports,
      [keyRingsPort, { open: async () => ring }],
      [artefactStorePort, createArtefactStore(store.db)],
      [artefactLookupPort, lookup],
      [outboundPort, outbound],
    ],
  }
}

test('a session identifies its person, and the upstream gets the token', async () => {
  const { cookie, id } = await begin()
  const pipeline = await createRoute()
  const { exchange, forwarded } = await runTestExchange({
    pipeline,
    headers: { cookie: `a=1; ${cookie}`, authorization: 'Basic forged' },
  })
  assert.ok(forwarded)
  assert.deepEqual(exchange.headers.all('cookie'), ['a=1'])
  assert.equal(exchange.headers.get('authorization'), undefined)
  assert.deepEqual(exchange.upstreamFields, ['authorization', 'Bearer the-access-token'])
  const { principal } = exchange
  assert.deepEqual(
    [principal?.id, principal?.issuer, principal?.roles, principal?.credential],
    ['carol', issuer, ['customer'], { policy: 'browser-login', id }],
  )
  const quiet = await runTestExchange({ pipeline: await createRoute({ attach: 'none' }), headers: { cookie } })
  assert.deepEqual(quiet.exchange.upstreamFields, [])
})

test('who has no session is sent to the login, or refused', async () => {
  const pipeline = await createRoute()
  const run = (request: object) => runTestExchange({ pipeline, path: '/orders', query: 'a=1', ...request })
  const page = await run({ headers: navigation })
  assert.deepEqual([page.status, page.headers.get('location')], [303, '/auth/login?to=%2Forders%3Fa%3D1'])
  assert.equal(page.headers.get('cache-control'), 'no-store')
  for (const request of [{ headers: script }, { headers: navigation, method: 'POST' }, { headers: {} }]) {
    assert.equal((await run(request)).status, 401)
  }
  const old = await run({ headers: { accept: 'text/html,*/*' } })
  assert.equal(old.status, 303, 'a browser without Fetch Metadata')
})

describe('a page that asks for more than the login was', () => {
  const demanding = { policy: stepUp, options: { acr: 'aal2', maxAge: '10m' } }
  const open = () =>
    createTestPipeline(
      [{ policy: browserLogin, options }, demanding],
      { authenticated: true, upstream: 'shop' },
      toDeps(createArtefactLookup(reader.db, reader.read)),
    )
  const strong = { ...caller, assurance: 'aal2' }

  test('leads to a login that is asked for it; a script is told what is missing', async () => {
    const { cookie } = await begin()
    const pipeline = await open()
    const page = await runTestExchange({ pipeline, path: '/vault', headers: { ...navigation, cookie } })
    const location = page.headers.get('location')
    assert.deepEqual([page.status, location], [303, '/auth/login?to=%2Fvault&acr_values=aal2&max_age=600'])
    assert.equal(page.headers.get('www-authenticate'), undefined)
    const called = await runTestExchange({ pipeline, headers: { ...script, cookie } })
    assert.equal(called.status, 401)
    assert.match(called.headers.get('www-authenticate') ?? '', /insufficient_user_authentication/)
  })

  test('lets in who logged in so, by what the issuer says and not by when they came back', async () => {
    const pipeline = await open()
    const run = async (login: Tokens['login']) => {
      const { cookie } = await begin({ caller: strong, login })
      return (await runTestExchange({ pipeline, headers: { ...script, cookie } })).forwarded
    }
    assert.equal(await run({ at: start, authenticatedAt: start - 60_000, asked: {} }), true)
    assert.equal(await run({ at: start, authenticatedAt: start - 660_000, asked: {} }), false)
    assert.equal(await run({ at: start, authenticatedAt: null, asked: {} }), false)
  })

  test('leads nobody in circles whose issuer did not do what it was asked for', async () => {
    const asked = { acr_values: 'aal2', max_age: '600' }
    const { cookie } = await begin({ login: { at: start, authenticatedAt: start, asked } })
    const pipeline = await open()
    const run = () => runTestExchange({ pipeline, headers: { ...navigation, cookie } })
    assert.equal((await run()).status, 401)
    sessions.state.clock += 61_000
    assert.equal((await run()).status, 303, 'a minute later it may be tried again')
  })

  test('what is no demand is left out, and takes nothing with it', () => {
    const read = (query: string) => readDemands(new URLSearchParams(query))
    assert.deepEqual(read('acr_values=aal1+aal2&max_age=0'), { acr_values: 'aal1 aal2', max_age: '0' })
    for (const query of [
      'acr_values=',
      'acr_values=a"b',
      'acr_values=a%0Ab',
      'max_age=-1',
      'max_age=1e9',
      'prompt=none',
    ])
      assert.deepEqual(read(query), {}, query)
    assert.equal(parseChallenge('Bearer error="invalid_token"'), null)
    assert.equal(parseChallenge(undefined), null)
  })
})

test('a session ends with its tokens', async () => {
  const gone = await sessions.begin({ caller })
  const over = await begin({ expiresAt: start + 300 })
  const elsewhere = await begin({}, testCaller({ issuer: 'upstream:shop', authenticatedAt: start }))
  const pipeline = await createRoute()
  const codeOf = async ({ cookie }: { cookie: string }) =>
    (await runTestExchange({ pipeline, headers: { cookie } })).code
  assert.equal(await codeOf(gone), 'login_ended')
  assert.notEqual((await sessions.store.find(gone.id))?.revokedAt, null)
  assert.equal(await codeOf(over), 'login_ended', 'nothing renews it')
  assert.equal(await codeOf(elsewhere), 'login_elsewhere')
  assert.equal((await sessions.store.find(elsewhere.id))?.revokedAt, null, 'it is none of ours')
})

test('tokens that were moved to another session, or changed, let nobody in', async () => {
  const [one, other] = [await begin(), await begin()]
  const [from, to] = [one, other].map(({ id }) => digestSecret(`browser-login:${id}`)) as [string, string]
  const row = await store.db.selectFrom('artefacts').selectAll().where('digest', '=', from).executeTakeFirstOrThrow()
  await store.db.updateTable('artefacts').set({ payload: row.payload }).where('digest', '=', to).execute()
  sessions.state.clock += 2000
  const pipeline = await createRoute()
  const statuses = []
  for (const { cookie } of [one, other]) {
    statuses.push((await runTestExchange({ pipeline, headers: { cookie } })).status)
  }
  assert.deepEqual(statuses, [200, 401])
})

test('without the store nobody is let in', async () => {
  const { cookie } = await begin()
  const pipeline = await createRoute({}, () => Promise.reject(new Error('the store is away')))
  const { status, code } = await runTestExchange({ pipeline, headers: { cookie } })
  assert.deepEqual([status, code], [503, 'dependency_down'])
})

test('an access token whose issuer is away lets in until it ends', async () => {
  const { cookie } = await begin({ refreshToken: 'r', expiresAt: start + 10_000 })
  const pipeline = await createRoute()
  const run = () => runTestExchange({ pipeline, headers: { cookie } })
  sessions.state.clock = start + 9600
  assert.equal((await run()).status, 200)
  sessions.state.clock = start + 9800
  const { status, headers } = await run()
  assert.deepEqual([status, headers.get('retry-after')], [503, '2'])
})

test('a logout while tokens are renewed is not undone by them', async () => {
  const sid = toSessionName(issuer, 'the-login')
  const claims = Buffer.from(JSON.stringify({ iss: issuer, sub: 'carol', sid: 'the-login' })).toString('base64url')
  const idToken = `${Buffer.from('{"alg":"ES256"}').toString('base64url')}.${claims}.c2ln`
  const answer = { accessToken: 'new', refreshToken: 'next', idToken, scope: undefined, lifetimeMs: 600_000 }
  const artefacts = createArtefactStore(store.db)
  const revoked: string[] = []
  /** @param meanwhile happens after the issuer was asked, and before its answer is kept */
  async function refresh(meanwhile: () => Promise<unknown>) {
    const { id } = await begin({ refreshToken: 'r', expiresAt: start, grant: sid })
    const client = {
      refresh: async () => meanwhile().then(() => answer),
      revoke: async (token: string) => void revoked.push(token),
    } as unknown as IssuerClient
    const mapping = {
      issuer,
      isOwn: false,
      mapping: toClaimMapping(parseTestOptions(browserLogin, options) as never),
      tells: [],
    }
    const log = { info() {}, warn() {}, error() {}, debug() {} }
    const deps = { vault, client, mapping, resource: undefined, now: () => start, log, sessions: sessions.store }
    const refreshed = await new Refresher(deps).use(id, (await vault.load(id)) as KnownTokens)
    return { id, refreshed, kept: await vault.load(id) }
  }
  const renewed = await refresh(async () => {})
  assert.equal(renewed.kept?.tokens.accessToken, 'new')
  const ended = await refresh(() => artefacts.endGrant({ grant: sid, wholly: false, revocation: null }))
  assert.deepEqual([ended.refreshed, ended.kept], ['ended', null])
  assert.deepEqual(revoked, ['next'], 'nobody holds it, and nobody shall')
  assert.notEqual((await sessions.store.find(ended.id))?.revokedAt, null)
})

describe('a login that goes on', () => {
  const states = (issuer = 'https://login.example.com') => new LoginStates(ring, issuer, () => sessions.state.clock)
  const login = { verifier: 'v', nonce: 'n', to: '/orders', asked: {} }
  const toFields = (setCookie: string) => new Fields(['cookie', setCookie.split(';', 1)[0] as string])

  test('is known in the browser that began it, for an hour, in as many tabs as there are', async () => {
    const first = states().begin(new Fields(), login)
    const browser = toFields(first.setCookie)
    const second = states().begin(browser, { ...login, to: '/other' })
    assert.deepEqual(second.setCookie, first.setCookie)
    assert.equal((await states().open(browser, first.state))?.to, '/orders')
    assert.equal((await states().open(browser, second.state))?.to, '/other')
    assert.equal(await states().open(new Fields(), first.state), null)
    const other = states().begin(new Fields(), login)
    assert.equal(await states().open(toFields(other.setCookie), first.state), null)
    assert.equal(await states('https://other.example.com').open(browser, first.state), null)
    const both = new Fields(['cookie', `${browser.get('cookie')}; ${toFields(other.setCookie).get('cookie')}`])
    assert.equal(await states().open(both, first.state), null, 'one of the two was planted')
    sessions.state.clock += maxLoginMs
    assert.equal(await states().open(browser, first.state), null)
  })

  test('is sealed', async () => {
    const { state, setCookie } = states().begin(new Fields(), login)
    const browser = toFields(setCookie)
    assert.doesNotMatch(Buffer.from(state.split('.').at(-1) as string, 'base64url').toString('latin1'), /orders/)
    for (const changed of [`${state}A`, state.slice(0, -2), '', 'pce1.Key000000001.AAAA', state.replace('K', 'L')]) {
      assert.equal(await states().open(browser, changed), null)
    }
  })
})

test('a login comes back to this host, whatever it was told', () => {
  const paths = ['/auth/login', '/auth/callback']
  const origin = 'https://shop.example.com'
  const hostile = fc.oneof(
    fc.string(),
    fc.webUrl(),
    fc
      .array(fc.constantFrom('/', '\\', '.', '..', '@', ':', '?', '#', '\t', '\n', 'evil.example', 'https:', '%2f'), {
        maxLength: 8,
      })
      .map((parts) => `/${parts.join('')}`),
  )
  fc.assert(
    fc.property(hostile, (asked) => {
      const url = new URL(toReturnPath(asked, '/home', paths), `${origin}/auth/callback`)
      assert.equal(url.origin, origin)
      assert.ok(!paths.includes(url.pathname))
    }),
  )
  assert.equal(toReturnPath('/orders?page=2#end', '/home', paths), '/orders?page=2#end')
  assert.equal(toReturnPath(null, '/home', paths), '/home')
})

test('its probes tell a route with the policy from one without', async () => {
  const request = { ...toDeps(createArtefactLookup(reader.db, reader.read)), scheme: 'https' as const }
  const names = async (enforced: boolean) => {
    const route = { authenticated: enforced, upstream: 'shop' }
    const run = { policy: browserLogin, options, enforced, request: { ...request, route } }
    return (await runProbes(run)).filter(({ failure }) => failure === null).map(({ name }) => name)
  }
  const withIt = await names(true)
  assert.ok(withIt.includes('a script without a session'), withIt.join())
  assert.ok(withIt.includes('a person who is not logged in is sent to the login, and nowhere else'))
  const without = await names(false)
  assert.ok(!without.includes('a script without a session'))
  assert.ok(!without.includes('a person who is not logged in is sent to the login, and nowhere else'))
})

test('a route may keep the token to itself, and nothing else differs', () => {
  const parse = (value: object) => parseTestOptions(browserLogin, { ...options, ...value }) as never
  assert.equal(compose(parse({}), parse({ attach: 'none' })), 'tighter')
  assert.equal(compose(parse({ attach: 'none' }), parse({})), 'looser')
  assert.equal(compose(parse({}), parse({ scopes: ['more'] })), 'looser')
})

test('bad configuration is refused, and what is dangerous is said', () => {
  const rejects = (value: object, message: RegExp) =>
    assert.throws(
      () => parseTestOptions(browserLogin, value),
      (error: Error) => message.test(error.message),
    )
  rejects({ issuer: 'https://login.example.com/' }, /as whom/)
  rejects({ ...options, origin: undefined }, /where browsers find/)
  rejects({ ...options, origin: 'https://shop.example.com/path' }, /must be an origin/)
  rejects({ ...options, issuer: 'http://login.example.com/' }, /must begin with https/)
  rejects({ ...options, issuer: 'https://a:b@login.example.com/' }, /user name or password/)
  rejects({ ...options, issuer: 'someone' }, /must be `identity` or a URL/)
  rejects({ ...options, afterLogin: '//evil.example' }, /a path of this host/)
  rejects({ ...options, paths: { login: '/auth/me' } }, /five paths/)
  const file = (more: string) => `version: 1
listen: { https: { port: 8443, certificate: dev } }
upstreams: { shop: { targets: [http://127.0.0.1:3000] } }
${more}
routes: [{ path: /orders, upstream: shop, authenticate: [browserLogin] }]
`
  const errors = compileSnapshot(file(''))
  assert.ok(!errors.ok)
  assert.match(formatErrors(errors.errors), /needs the block `identity`[\s\S]*write the block `secrets`/)
  const foreign = JSON.stringify({ ...options, allowPlainHttp: { reason: 'a test' } })
  const compiled = compileSnapshot(
    file(
      `secrets: { master: { key: env:KEY } }\ndefaults: { browserLogin: ${foreign}, cors: { origins: ['https://a.example.com'] } }`,
    ),
  )
  assert.ok(compiled.ok, compiled.ok ? '' : formatErrors(compiled.errors))
  assert.match(compiled.snapshot.notices.map(({ text }) => text).join('\n'), /tokens come over plain HTTP/)
  const login = compiled.snapshot.routes.find(({ path }) => path === '/auth/login')
  assert.ok(login !== undefined && !login.policies.some(({ name }) => name === 'cors'))
})
