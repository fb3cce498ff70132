import assert from 'node:assert/strict'
import { after, before, beforeEach, test } from 'node:test'
import fc from 'fast-check'
import { parseTestOptions, runTestExchange, type TestRequest } from '../../../test/support/exchange.ts'
import { runProbes } from '../../../test/support/probes.ts'
import { cookieName, openTestSessions, start } from '../../../test/support/sessions.ts'
import { digestSessionSecret } from '../../crypto/session-secret.ts'
import { sessionStorePort } from '../../stores/ports/session-store.ts'
import { session } from '../session/index.ts'
import { establishSession } from './index.ts'
import { parseSessionField } from './session-field.ts'

let sessions: Awaited<ReturnType<typeof openTestSessions>>

before(async () => {
  sessions = await openTestSessions()
})
beforeEach(() => {
  sessions.state.clock = start
  sessions.epoch.touch()
})
after(() => sessions.close())

const login = (settings = {}, options = {}) =>
  sessions.createRoute([{ policy: session }, { policy: establishSession, options }].slice(1), {
    authenticated: false,
    settings,
  })
const account = () => sessions.createRoute([{ policy: session }, { policy: establishSession }])
const alice = { subject: 'alice', roles: ['customer'] }

/** What the upstream answers. */
const says = (value: string | object, status = 200): Pick<TestRequest, 'upstream'> => ({
  upstream: { status, headers: { 'portcullis-session': typeof value === 'string' ? value : JSON.stringify(value) } },
})

function secretOf(setCookie: string | undefined): string {
  const [, secret = ''] = /^__Host-session=([\w-]{43})[;]/.exec(setCookie ?? '') ?? []
  assert.notEqual(secret, '', `no session in ${setCookie}`)
  return secret
}

async function recordOf(secret: string) {
  const digest = digestSessionSecret(secret)
  return (await sessions.store.list({ limit: 1000 })).find((record) => record.digest === digest) ?? null
}

test('what the upstream says begins a session; the client gets the cookie and none of the field', async () => {
  const pipeline = await login()
  const headers = { 'user-agent': `Mozilla/5.0 ${'x'.repeat(500)}` }
  for (const [value, status] of [
    [alice, 200],
    [Buffer.from(JSON.stringify({ ...alice, attributes: { name: 'Zoë' } })).toString('base64url'), 303],
  ] as const) {
    const { headers: answered } = await runTestExchange({ pipeline, method: 'POST', headers, ...says(value, status) })
    assert.equal(answered.has('portcullis-session'), false)
    assert.equal(answered.get('cache-control'), 'no-store')
    const setCookie = answered.get('set-cookie') ?? ''
    const secret = secretOf(setCookie)
    assert.equal(setCookie, `${cookieName}=${secret}; Path=/; Secure; HttpOnly; SameSite=Lax`)
    const record = await recordOf(secret)
    assert.deepEqual(
      [record?.caller.id, record?.caller.issuer, record?.caller.roles, record?.endsAt, record?.address],
      ['alice', 'upstream:shop', ['customer'], start + 12 * 3_600_000, '192.0.2.1'],
    )
    assert.equal(record?.userAgent?.length, 200)
  }
})

test('settings show in the cookie', async () => {
  const pipeline = await login({ sameSite: 'strict', persistent: true, absolute: '1h' })
  const { headers } = await runTestExchange({ pipeline, method: 'POST', ...says(alice) })
  assert.match(headers.get('set-cookie') ?? '', /; Max-Age=3600; Path=\/; Secure; HttpOnly; SameSite=Strict$/)
})

test('a login ends the session that came with it, and never takes over its secret', async () => {
  const planted = await sessions.begin()
  const pipeline = await login()
  const headers = { cookie: `a=1; ${planted.cookie}` }
  const { headers: answered, exchange } = await runTestExchange({ pipeline, method: 'POST', headers, ...says(alice) })
  assert.notEqual(secretOf(answered.get('set-cookie')), planted.text)
  assert.notEqual((await sessions.store.find(planted.id))?.revokedAt, null)
  assert.deepEqual(exchange.headers.all('cookie'), ['a=1'], 'the upstream gets no session')
  const chosen = `${cookieName}=${'A'.repeat(43)}`
  const fixed = await runTestExchange({ pipeline, method: 'POST', headers: { cookie: chosen }, ...says(alice) })
  assert.notEqual(secretOf(fixed.headers.get('set-cookie')), 'A'.repeat(43))
})

test('when privileges change, the session goes on under a new secret and the old one dies', async () => {
  const { cookie, text, digest } = await sessions.begin()
  const pipeline = await account()
  const raised = { subject: 'alice', roles: ['customer', 'admin'], assurance: 'multi-factor' }
  const first = await runTestExchange({ pipeline, headers: { cookie }, ...says(raised) })
  const secret = secretOf(first.headers.get('set-cookie'))
  assert.notEqual(secret, text)
  assert.equal((await runTestExchange({ pipeline, headers: { cookie } })).code, 'session_unknown')
  const next = await runTestExchange({ pipeline, headers: { cookie: `${cookieName}=${secret}` }, ...says('renew') })
  assert.deepEqual(next.exchange.principal?.roles, ['customer', 'admin'])
  assert.equal(next.exchange.principal?.assurance, 'multi-factor')
  const record = await recordOf(secretOf(next.headers.get('set-cookie')))
  assert.deepEqual([record?.caller.roles, record?.endsAt], [['customer', 'admin'], start + 12 * 3_600_000])
  assert.ok(digest)
})

test('where somebody else logs in, that is another session', async () => {
  const { cookie, id } = await sessions.begin()
  const pipeline = await account()
  const { headers } = await runTestExchange({ pipeline, headers: { cookie }, ...says({ subject: 'bob' }) })
  const record = await recordOf(secretOf(headers.get('set-cookie')))
  assert.deepEqual([record?.caller.id, record?.caller.roles], ['bob', []])
  assert.notEqual((await sessions.store.find(id))?.revokedAt, null)
})

test('`end` ends the session on the server and takes the cookie away', async () => {
  const { cookie, id } = await sessions.begin()
  const { headers } = await runTestExchange({ pipeline: await account(), headers: { cookie }, ...says('end') })
  assert.match(headers.get('set-cookie') ?? '', /^__Host-session=; Max-Age=0; Path=\/; Secure; HttpOnly; SameSite=Lax$/)
  assert.notEqual((await sessions.store.find(id))?.revokedAt, null)
})

test('failures of the upstream, and whatever the client says, begin nothing', async () => {
  const pipeline = await login()
  for (const status of [400, 401, 403]) {
    const { headers } = await runTestExchange({ pipeline, method: 'POST', ...says(alice, status) })
    assert.equal(headers.has('set-cookie') || headers.has('portcullis-session'), false)
  }
  const posing = await runTestExchange({ pipeline, method: 'POST', headers: { 'portcullis-session': 'end' } })
  assert.equal(posing.headers.has('set-cookie'), false)
})

test('what cannot be read is a fault of the upstream: nothing begins, and the log says what', async () => {
  const pipeline = await login()
  const wrong: [string | object, RegExp][] = [
    ['', /neither/],
    ['yes', /neither/],
    ['{"subject":', /neither/],
    [{}, /subject/],
    [{ subject: '' }, /subject/],
    [{ subject: 'a\u0000' }, /subject/],
    [{ subject: 'a', admin: true }, /admin/],
    [{ subject: 'a', roles: 'admin' }, /roles/],
    [{ subject: 'a', attributes: { x: 'y'.repeat(5000) } }, /attributes/],
    [{ subject: 'a', authTime: start / 1000 + 3600 }, /future/],
    ['renew', /nobody has a session/],
    [`{"subject":"${'a'.repeat(9000)}"}`, /longer/],
  ]
  for (const [value, detail] of wrong) {
    const result = await runTestExchange({ pipeline, method: 'POST', ...says(value) })
    assert.deepEqual([result.status, result.code], [502, 'session_field_invalid'], JSON.stringify(value))
    assert.match(result.exchange.refusal?.detail ?? '', detail)
    assert.equal(result.headers.has('set-cookie'), false)
  }
  const twice = {
    headers: [
      ['portcullis-session', 'end'],
      ['portcullis-session', 'end'],
    ],
  } as const
  assert.equal((await runTestExchange({ pipeline, method: 'POST', upstream: twice })).code, 'session_field_invalid')
})

test('any text is read to something, and none but whole objects to a caller', () => {
  const part = fc.constantFrom('{', '}', '"subject"', ':', '"a"', ',', 'end', 'renew', 'eyJ', ' ', '\n', 'ÿ')
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.array(part).map((parts) => parts.join('')),
      ),
      (value) => {
        const order = parseSessionField(value, start)
        if (order.kind === 'caller') assert.equal(typeof order.caller.id, 'string')
      },
    ),
  )
})

test('nobody is logged in by a page of another origin', async () => {
  const pipeline = await login({}, { trustedOrigins: ['https://login.example.com'] })
  const code = async (headers: Record<string, string>, method = 'POST') =>
    (await runTestExchange({ pipeline, method, headers, ...says(alice) })).code
  assert.equal(await code({ 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' }), 'login_cross_site')
  assert.equal(await code({ origin: 'https://evil.example' }), 'login_cross_site')
  assert.equal(await code({ 'sec-fetch-site': 'same-site' }), 'login_cross_site')
  assert.equal(await code({ 'sec-fetch-site': 'cross-site', origin: 'https://login.example.com' }), null)
  assert.equal(await code({ 'sec-fetch-site': 'same-origin', origin: 'https://api.example.com' }), null)
  assert.equal(await code({}), null, 'a program is nobody’s browser')
  assert.equal(await code({ 'sec-fetch-site': 'cross-site' }, 'GET'), null, 'a link in a mail')
})

test('without the store nobody is logged in', async () => {
  const store = { ...sessions.store, create: () => Promise.reject(new Error('disk full')) }
  const pipeline = await sessions.createRoute([{ policy: establishSession }], { authenticated: false }, [
    [sessionStorePort, store],
  ])
  const result = await runTestExchange({ pipeline, method: 'POST', ...says(alice) })
  assert.deepEqual([result.status, result.headers.has('set-cookie')], [503, false])
})

test('over plain HTTP no session begins', async () => {
  const result = await runTestExchange({ pipeline: await login(), method: 'POST', scheme: 'http', ...says(alice) })
  assert.equal(result.code, 'session_in_clear')
})

test('its probes pass', async () => {
  const request = { route: { authenticated: false }, ports: sessions.ports }
  const verdicts = await runProbes({ policy: establishSession, enforced: true, method: 'POST', request })
  assert.deepEqual(
    verdicts.filter(({ failure }) => failure !== null),
    [],
  )
  const off = await runProbes({ policy: establishSession, enforced: false, method: 'POST', request })
  assert.ok(off.some(({ failure }) => failure !== null))
})

test('bad configuration is refused', () => {
  for (const options of [{ trustedOrigins: ['*'] }, { trustedOrigins: ['evil.example'] }, { trust: true }]) {
    assert.throws(() => parseTestOptions(establishSession, options))
  }
})
