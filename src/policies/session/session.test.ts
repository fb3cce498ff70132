import assert from 'node:assert/strict'
import { renameSync } from 'node:fs'
import { after, before, beforeEach, describe, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { testCaller } from '../../../test/contracts/session-store.ts'
import { parseTestOptions, runTestExchange, type TestRequest } from '../../../test/support/exchange.ts'
import { runProbes } from '../../../test/support/probes.ts'
import { cookieName, openTestSessions, start } from '../../../test/support/sessions.ts'
import { compileSnapshot } from '../../config/compile-snapshot.ts'
import { sessionLookupPort } from '../../stores/ports/session-store.ts'
import { tieToTokens } from '../session-origin.ts'
import { sessionsBlock } from '../sessions-block.ts'
import { session } from './index.ts'

let sessions: Awaited<ReturnType<typeof openTestSessions>>
const minute = 60_000

before(async () => {
  sessions = await openTestSessions()
})
beforeEach(() => {
  sessions.state.clock = start
  sessions.state.reads = 0
  sessions.epoch.touch()
})
after(() => sessions.close())

const policies = [{ policy: session }]
const cleared = `${cookieName}=; Max-Age=0; Path=/; Secure; HttpOnly; SameSite=Lax`

test('a session identifies its caller, and its cookie goes no further while others do', async () => {
  const { cookie, id } = await sessions.begin()
  const pipeline = await sessions.createRoute(policies)
  const { forwarded, exchange } = await runTestExchange({ pipeline, headers: { cookie: `a=1; ${cookie}; b=2` } })
  assert.ok(forwarded)
  assert.deepEqual(exchange.headers.all('cookie'), ['a=1; b=2'])
  const { principal } = exchange
  assert.deepEqual(
    [principal?.id, principal?.issuer, principal?.roles, principal?.credential],
    ['alice', 'upstream:shop', ['customer'], { policy: 'session', id }],
  )
  assert.equal(principal?.expiresAt, start + 12 * 60 * minute)
})

test('a session that holds as long as its tokens do is none here, and goes on where they are looked at', async () => {
  const caller = tieToTokens(testCaller())
  const { cookie } = await sessions.begin({ caller })
  const pipeline = await sessions.createRoute(policies)
  const { status, exchange, headers } = await runTestExchange({ pipeline, headers: { cookie } })
  assert.deepEqual([status, exchange.refusal?.code, headers.get('set-cookie')], [401, 'session_elsewhere', undefined])
  assert.deepEqual(caller.attributes, { browserLogin: true })
})

test('what is no session is refused, all alike, and dead cookies are taken away', async () => {
  const good = await sessions.begin()
  const revoked = await sessions.begin()
  await sessions.store.revoke(revoked.id, start)
  const expired = await sessions.begin({ endsAt: start })
  const pipeline = await sessions.createRoute(policies)
  const run = (headers: TestRequest['headers']) => runTestExchange({ pipeline, headers: headers ?? {} })
  const cases: [string, string, string | undefined][] = [
    [`${cookieName}=${'A'.repeat(43)}`, 'session_unknown', cleared],
    [`${cookieName}=${good.id}`, 'session_malformed', cleared],
    [`${cookieName}=${good.digest}`, 'session_malformed', cleared],
    [`${cookieName}=`, 'session_malformed', cleared],
    [`${cookieName}="${good.text}"`, 'session_malformed', cleared],
    [revoked.cookie, 'session_revoked', cleared],
    [expired.cookie, 'session_expired', cleared],
    [`${good.cookie}; ${good.cookie}`, 'session_repeated', undefined],
    [`${revoked.cookie}; ${good.cookie}`, 'session_repeated', undefined],
    [`session=${good.text}`, 'credential_missing', undefined],
    [`__host-session=${good.text}`, 'credential_missing', undefined],
  ]
  const bodies = new Set<string>()
  for (const [cookie, code, setCookie] of cases) {
    const result = await run({ cookie })
    assert.deepEqual([result.code, result.status, result.headers.get('set-cookie')], [code, 401, setCookie], cookie)
    bodies.add(result.body)
  }
  assert.equal(bodies.size, 1)
  assert.equal(
    (
      await run([
        ['cookie', good.cookie],
        ['cookie', good.cookie],
      ])
    ).code,
    'session_repeated',
  )
  assert.equal((await run({})).code, 'credential_missing')
})

test('over plain HTTP no cookie is believed unless the file says so', async () => {
  const { cookie } = await sessions.begin()
  const plain = { scheme: 'http', headers: { cookie } } as const
  const refused = await runTestExchange({ pipeline: await sessions.createRoute(policies), ...plain })
  assert.equal(refused.code, 'session_in_clear')
  const settings = { unsafePlainHttp: { reason: 'a test' } }
  assert.ok(
    (await runTestExchange({ pipeline: await sessions.createRoute(policies, { settings }), ...plain })).forwarded,
  )
})

test('a session that is not used ends, one that is used lives until its end', async () => {
  const used = await sessions.begin()
  const left = await sessions.begin()
  const code = async (cookie: string) => {
    const pipeline = await sessions.createRoute(policies)
    const result = await runTestExchange({ pipeline, headers: { cookie } })
    // Writes what was gathered, which takes its turn before the next read.
    pipeline.dispose()
    await sessions.store.touch([])
    return result.code
  }
  for (let passed = 0; passed < 12 * 60; passed += 29) {
    sessions.state.clock = start + passed * minute
    assert.equal(await code(used.cookie), null, `${passed} minutes`)
  }
  sessions.state.clock = start + 12 * 60 * minute
  assert.equal(await code(used.cookie), 'session_expired')
  sessions.state.clock = start + 30 * minute - 1
  assert.equal(await code(left.cookie), null)
  sessions.state.clock += 30 * minute
  assert.equal(await code(left.cookie), 'session_idle')
})

test('shorter lifetimes hold for sessions that began before', async () => {
  const { cookie } = await sessions.begin()
  const pipeline = await sessions.createRoute(policies, { settings: { idle: '5m', absolute: '1h' } })
  const code = async () => (await runTestExchange({ pipeline, headers: { cookie } })).code
  sessions.state.clock = start + 5 * minute - 1
  assert.equal(await code(), null)
  sessions.state.clock += 5 * minute
  assert.equal(await code(), 'session_idle')
  sessions.state.clock = start + 60 * minute
  assert.equal(await code(), 'session_expired')
})

test('another worker hears of uses, so that neither takes a session for idle that the other serves', async () => {
  const { cookie, id } = await sessions.begin()
  const [one, two] = [await sessions.createRoute(policies), await sessions.createRoute(policies)]
  const code = async (pipeline: typeof one) => (await runTestExchange({ pipeline, headers: { cookie } })).code
  assert.equal(await code(two), null)
  sessions.state.clock = start + 25 * minute
  assert.equal(await code(one), null)
  one.dispose()
  for (let i = 0; i < 100 && (await sessions.store.find(id))?.lastSeenAt === start; i++) await sleep(10)
  sessions.state.clock = start + 40 * minute
  assert.equal(await code(two), null, 'its own last sight is 40 minutes old')
})

test('uses are written once in a while only', async () => {
  const { cookie, id } = await sessions.begin()
  const written: unknown[] = []
  const store = { ...sessions.store, touch: async (batch: unknown) => void written.push(batch) }
  const { sessionStorePort } = await import('../../stores/ports/session-store.ts')
  const pipeline = await sessions.createRoute(policies, {}, [[sessionStorePort, store]])
  for (let i = 1; i <= 59; i++) {
    sessions.state.clock = start + i * 1000
    await runTestExchange({ pipeline, headers: { cookie } })
  }
  pipeline.dispose()
  assert.deepEqual(written, [])
  sessions.state.clock = start + minute
  const again = await sessions.createRoute(policies, {}, [[sessionStorePort, store]])
  await runTestExchange({ pipeline: again, headers: { cookie } })
  again.dispose()
  assert.equal(written.length, 1)
  assert.ok(id)
})

test('a known session costs no read, and a revocation ends it as soon as the epoch moves', async () => {
  const { cookie, id } = await sessions.begin()
  const pipeline = await sessions.createRoute(policies)
  const code = async () => (await runTestExchange({ pipeline, headers: { cookie } })).code
  for (let i = 0; i < 5; i++) assert.equal(await code(), null)
  assert.equal(sessions.state.reads, 1)
  await sessions.store.revoke(id, start)
  assert.equal(await code(), null, 'remembered, and nobody has said so yet')
  sessions.epoch.advance()
  assert.equal(await code(), 'session_revoked')
})

test('what is still open holds until the session is ended or renewed, not for want of use', async () => {
  const [ended, renewed] = [await sessions.begin(), await sessions.begin()]
  const pipeline = await sessions.createRoute(policies)
  const open = async (cookie: string) => (await runTestExchange({ pipeline, headers: { cookie } })).exchange
  const [one, two] = [await open(ended.cookie), await open(renewed.cookie)]
  const holds = async (exchange: typeof one) => pipeline.hooks[0]?.stillHolds?.(exchange)
  sessions.state.clock = start + 45 * minute
  assert.deepEqual([await holds(one), await holds(two)], [true, true])
  await sessions.store.revoke(ended.id, start)
  const { createSessionSecret } = await import('../../crypto/session-secret.ts')
  const { id: newId, digest: newDigest } = createSessionSecret()
  await sessions.store.renew({ digest: renewed.digest, newId, newDigest, caller: null, now: start })
  sessions.epoch.advance()
  assert.deepEqual([await holds(one), await holds(two)], [false, false])
})

test('without the store nobody who is not known is let in, and it works again without a restart', async () => {
  const { cookie } = await sessions.begin()
  const pipeline = await sessions.createRoute(policies)
  const run = () => runTestExchange({ pipeline, headers: { cookie } })
  for (const suffix of ['', '-wal', '-shm']) renameSync(sessions.path + suffix, `${sessions.path}.away${suffix}`)
  await sleep(100)
  const refused = await run()
  for (const suffix of ['', '-wal', '-shm']) renameSync(`${sessions.path}.away${suffix}`, sessions.path + suffix)
  assert.deepEqual([refused.code, refused.status, refused.headers.get('retry-after')], ['dependency_down', 503, '1'])
  assert.equal(refused.headers.get('set-cookie'), undefined, 'the cookie may be good')
  assert.ok((await run()).forwarded)
})

test('a store that answers later is waited for, and refuses when it fails', async () => {
  const { cookie, digest } = await sessions.begin()
  let broken = false
  const lookup = {
    async find(asked: string) {
      if (broken) throw new Error('connection lost')
      return (await sessions.store.list({ limit: 100 })).find((one) => one.digest === asked) ?? null
    },
  }
  const pipeline = await sessions.createRoute(policies, {}, [[sessionLookupPort, lookup]])
  const run = () => runTestExchange({ pipeline, headers: { cookie } })
  assert.ok((await run()).forwarded)
  sessions.state.clock = start + 31 * minute
  broken = true
  assert.equal((await run()).code, 'dependency_down', 'idle as far as is known here, and nobody can be asked')
  assert.ok(digest)
})

describe('logout', () => {
  const options = { logout: { path: '/logout', next: '/', clearSiteData: true } }

  async function logOut(cookie: string | null, headers: Record<string, string>) {
    const { hooks, route } = await sessions.createRoute([{ policy: session, options }])
    const { createTestExchange } = await import('../../../test/support/exchange.ts')
    const all = { ...(cookie !== null && { cookie }), ...headers }
    const { exchange } = await createTestExchange({ route, method: 'POST', headers: all })
    return hooks[0]?.endpoints?.logout?.(exchange)
  }

  test('ends the session on the server and takes the cookie away', async () => {
    const { cookie, id } = await sessions.begin()
    const answer = await logOut(cookie, { 'sec-fetch-site': 'same-origin' })
    assert.ok(answer?.kind === 'reply')
    assert.equal(answer.status, 303)
    const fields = Object.fromEntries(answer.headers)
    assert.equal(fields['set-cookie'], cleared)
    assert.equal(fields.location, '/')
    assert.equal(fields['clear-site-data'], '"cache", "cookies", "storage"')
    assert.notEqual((await sessions.store.find(id))?.revokedAt, null)
  })

  test('is refused to pages of other origins and to whoever does not say where it comes from', async () => {
    const { cookie, id } = await sessions.begin()
    const foreign = [{ 'sec-fetch-site': 'cross-site' }, { origin: 'https://evil.example' }, { origin: 'null' }, {}]
    for (const headers of foreign as Record<string, string>[]) {
      const answer = await logOut(cookie, headers)
      assert.ok(answer?.kind === 'refuse' && answer.code === 'session_cross_site')
    }
    assert.equal((await sessions.store.find(id))?.revokedAt, null)
    const kept = await logOut(null, { 'sec-fetch-site': 'cross-site' })
    assert.equal(kept?.kind, 'refuse', 'the browser kept the cookie from the other site, and is not told to drop it')
    assert.equal((await logOut(null, {}))?.kind, 'reply', 'there is nothing to end')
  })
})

test('its probes tell a route with the policy from one without', async () => {
  const { cookie } = await sessions.begin()
  const request = { route: { authenticated: true }, ports: sessions.ports, now: () => start, headers: { cookie } }
  const enforced = await runProbes({ policy: session, enforced: true, request })
  // The credential of a caller is added by the prober, not here.
  assert.deepEqual(
    enforced.filter(({ kind, failure }) => kind === 'attack' && failure !== null),
    [],
  )
  const open = await runProbes({ policy: session, enforced: false, request: { route: { authenticated: false } } })
  assert.ok(open.filter(({ kind }) => kind === 'attack').every(({ failure }) => failure !== null))
})

test('bad configuration is refused, and what is dangerous is said', () => {
  const rejects = (value: unknown, message: RegExp) =>
    assert.throws(
      () => parseTestOptions(session, value),
      (error: Error) => message.test(error.message),
    )
  rejects({ cacheLifetime: '10m' }, /more than 5m/)
  rejects({ logout: {} }, /path/)
  rejects({ logout: { path: '/logout', next: '//evil.example' } }, /a path of this host/)
  rejects({ logout: { path: '/logout', next: 'https://evil.example' } }, /a path of this host/)
  rejects({ cookie: 'x' }, /cookie/)
  for (const settings of [
    { cookie: 'a b' },
    { cookie: 'a;b' },
    { sameSite: 'none' },
    { idle: '1s' },
    { maxPerPrincipal: 0 },
  ]) {
    assert.equal(sessionsBlock.safeParse(settings).success, false, JSON.stringify(settings))
  }
  const compiled = compileSnapshot(`version: 1
listen: { https: { port: 8443, certificate: dev } }
sessions: { cookie: sid, unsafePlainHttp: { reason: a test } }
upstreams: { shop: { targets: [http://127.0.0.1:3000] } }
routes: [{ path: /orders, upstream: shop, authenticate: [session] }]
`)
  assert.ok(compiled.ok)
  const texts = compiled.snapshot.notices.map(({ text }) => text).join('\n')
  assert.match(texts, /over plain HTTP/)
  assert.match(texts, /every host of the domain can set/)
})
