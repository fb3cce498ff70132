import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  createTestExchange,
  createTestPipeline,
  parseTestOptions,
  runTestExchange,
  type TestRequest,
} from '../../../test/support/exchange.ts'
import { runProbes } from '../../../test/support/probes.ts'
import { Answer } from '../../core/answer.ts'
import { Fields } from '../../core/fields.ts'
import type { Principal } from '../../core/principal.ts'
import { securityHeaders } from './index.ts'
import type { SecurityHeadersOptions } from './options.ts'

const read = (options: unknown) => parseTestOptions(securityHeaders, options) as SecurityHeadersOptions
const call = (request: TestRequest, options: unknown = {}) =>
  runTestExchange({ ...request, policies: [{ policy: securityHeaders, options }] })
const upstream = (...pairs: [string, string][]): TestRequest => ({
  upstream: { headers: [['content-type', 'text/html'], ...pairs] },
})
const caller = { id: 'u1' } as Principal

/** An answer's fields after the policy, for a caller that may be authenticated. */
async function answerTo(principal: Principal | null, fields: string[], options: unknown = {}, status = 200) {
  const { exchange } = await createTestExchange({ policies: [{ policy: securityHeaders, options }] })
  exchange.principal = principal
  return exchange.pipeline.respond(exchange, new Answer('upstream', status, new Fields(fields))) as Answer
}

test('strict: every answer says what a browser may do with data', async () => {
  const { headers } = await call({})
  assert.deepEqual(headers.flat, [
    ...['content-type', 'application/json'],
    ...['strict-transport-security', 'max-age=63072000; includeSubDomains'],
    ...['x-content-type-options', 'nosniff', 'x-frame-options', 'DENY', 'referrer-policy', 'no-referrer'],
    'permissions-policy',
    'accelerometer=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), magnetometer=(), microphone=(), midi=(), payment=(), usb=()',
    ...['cross-origin-opener-policy', 'same-origin', 'cross-origin-resource-policy', 'same-origin'],
    ...['cross-origin-embedder-policy', 'require-corp', 'x-permitted-cross-domain-policies', 'none'],
    ...['x-xss-protection', '0', 'content-security-policy'],
    "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    ...['cache-control', 'no-store'],
  ])
})

test('profiles: html for pages, legacy for old browsers, and each header can be overridden', async () => {
  const field = async (options: unknown, name: string) => (await call({}, options)).headers.get(name)
  assert.match((await field('html', 'content-security-policy')) ?? '', /^default-src 'self'; .*frame-ancestors 'none'/)
  assert.equal(await field('html', 'cache-control'), 'private, no-cache')
  assert.equal(await field('legacy', 'x-xss-protection'), '1; mode=block')
  assert.equal(await field('html', 'x-xss-protection'), '0')
  assert.equal(await field({ frameOptions: 'SAMEORIGIN' }, 'x-frame-options'), 'SAMEORIGIN')
  assert.equal(await field({ frameOptions: 'off' }, 'x-frame-options'), undefined)
  assert.equal(
    await field({ contentSecurityPolicy: "default-src 'self'" }, 'content-security-policy'),
    "default-src 'self'",
  )
  assert.equal(await field({ contentSecurityPolicy: 'off' }, 'content-security-policy'), undefined)
  assert.equal(await field({ cacheControl: 'private, max-age=5' }, 'cache-control'), 'private, max-age=5')
  assert.equal(await field({ cacheControl: 'off' }, 'cache-control'), undefined)
})

test('what the upstream says is replaced, `off` removes it, `upstream` leaves it', async () => {
  const request = upstream(
    ['x-frame-options', 'ALLOWALL'],
    ['x-frame-options', 'SAMEORIGIN'],
    ['x-xss-protection', '1'],
  )
  assert.equal((await runTestExchange(request)).headers.get('x-frame-options'), 'ALLOWALL')
  assert.deepEqual((await call(request)).headers.all('x-frame-options'), ['DENY'])
  assert.deepEqual((await call(request)).headers.all('x-xss-protection'), ['0'])
  assert.deepEqual((await call(request, { frameOptions: 'off' })).headers.all('x-frame-options'), [])
  assert.deepEqual((await call(request, { frameOptions: 'upstream' })).headers.all('x-frame-options'), [
    'ALLOWALL',
    'SAMEORIGIN',
  ])
})

test('fields that name products are removed, more on request, some kept on request', async () => {
  const request = upstream(
    ['server', 'nginx/1.18.0'],
    ['x-powered-by', 'Express'],
    ['x-aspnet-version', '4.0.30319'],
    ['x-build', '77'],
  )
  const names = async (options: object) =>
    (await call(request, options)).headers.flat.filter((name) =>
      ['server', 'x-powered-by', 'x-aspnet-version', 'x-build'].includes(name),
    )
  assert.equal((await runTestExchange(request)).headers.get('server'), 'nginx/1.18.0')
  assert.deepEqual(await names({}), ['x-build'])
  assert.deepEqual(await names({ removeHeaders: ['X-Build'], keepHeaders: ['Server'] }), ['server'])
})

test('HSTS is sent over HTTPS only, and the upstream does not decide it', async () => {
  const request = upstream(['strict-transport-security', 'max-age=0'])
  const hsts = async (scheme: 'http' | 'https', strictTransportSecurity?: unknown) =>
    (
      await call({ ...request, scheme }, strictTransportSecurity === undefined ? {} : { strictTransportSecurity })
    ).headers.all('strict-transport-security')
  assert.deepEqual(await hsts('https'), ['max-age=63072000; includeSubDomains'])
  assert.deepEqual(await hsts('http'), [])
  assert.deepEqual(await hsts('https', 'off'), [])
  assert.deepEqual(await hsts('https', 'upstream'), ['max-age=0'])
  assert.deepEqual(await hsts('https', { maxAge: '365d', preload: true }), [
    'max-age=31536000; includeSubDomains; preload',
  ])
  assert.deepEqual(await hsts('https', { maxAge: '1d', includeSubDomains: false }), ['max-age=86400'])
})

test("an upstream's own CSP stands beside ours, so the stricter of each wins; it can be replaced or preferred", async () => {
  const request = upstream(['content-security-policy', "script-src 'nonce-abc'"])
  const policies = async (upstreamContentSecurityPolicy: string) =>
    (await call(request, { contentSecurityPolicy: "default-src 'self'", upstreamContentSecurityPolicy })).headers.all(
      'content-security-policy',
    )
  assert.deepEqual(await policies('both'), ["script-src 'nonce-abc'", "default-src 'self'"])
  assert.deepEqual(await policies('replace'), ["default-src 'self'"])
  assert.deepEqual(await policies('prefer'), ["script-src 'nonce-abc'"])
  const none = await call({}, { contentSecurityPolicy: "default-src 'self'", upstreamContentSecurityPolicy: 'prefer' })
  assert.deepEqual(none.headers.all('content-security-policy'), ["default-src 'self'"])
})

test("an upstream's own Cache-Control stays; 304 gets none that it does not bring", async () => {
  const own = await answerTo(null, ['cache-control', 'public, max-age=60', 'cdn-cache-control', 'max-age=600'])
  assert.deepEqual(own.headers.all('cache-control'), ['public, max-age=60'])
  assert.equal(own.headers.get('cdn-cache-control'), 'max-age=600')
  assert.equal((await answerTo(null, ['etag', '"1"'], {}, 304)).headers.has('cache-control'), false)
  assert.equal((await answerTo(null, ['etag', '"1"'], {}, 304)).headers.get('x-content-type-options'), 'nosniff')
})

test('what was made for one caller is kept out of shared caches', async () => {
  const cache = async (value: string[], options: object = {}) => {
    const { headers } = await answerTo(
      caller,
      value.flatMap((one) => ['cache-control', one]),
      options,
    )
    return headers.all('cache-control')
  }
  assert.deepEqual(await cache([]), ['no-store'])
  assert.deepEqual(await cache(['public, max-age=60']), ['private, max-age=60'])
  assert.deepEqual(await cache(['max-age=60']), ['private, max-age=60'])
  assert.deepEqual(await cache(['max-age=60', 's-maxage=600']), ['private, max-age=60'])
  assert.deepEqual(await cache(['private, max-age=60']), ['private, max-age=60'])
  assert.deepEqual(await cache(['no-store']), ['no-store'])
  assert.deepEqual(await cache(['public, max-age=60'], { authenticatedCaching: 'upstream' }), ['public, max-age=60'])
  const cdn = await answerTo(caller, [
    'cache-control',
    'private',
    'surrogate-control',
    'max-age=600',
    'cdn-cache-control',
    'public',
  ])
  assert.deepEqual([cdn.headers.has('surrogate-control'), cdn.headers.has('cdn-cache-control')], [false, false])
})

test('a WebSocket handshake gets the transport rule and nothing that is for documents', async () => {
  const answer = await answerTo(null, ['sec-websocket-accept', 'x', 'server', 'ws/1'], {}, 101)
  assert.deepEqual(answer.headers.flat, [
    'sec-websocket-accept',
    'x',
    'strict-transport-security',
    'max-age=63072000; includeSubDomains',
  ])
})

test('refusals, faults, 204 and preflights carry the fields too', async () => {
  const refused = await call({ route: { authenticated: true } })
  assert.equal(refused.status, 401)
  assert.deepEqual(refused.headers.all('cache-control'), ['no-store'])
  for (const { headers } of [refused, await call({ method: 'OPTIONS', upstream: { status: 204, headers: {} } })]) {
    assert.equal(headers.get('x-content-type-options'), 'nosniff')
    assert.match(headers.get('content-security-policy') ?? '', /default-src 'none'/)
  }
})

test('a policy to try out is sent as report-only beside the enforced one, with where to report', async () => {
  const { headers } = await call(upstream(['reporting-endpoints', 'own="/own"']), {
    contentSecurityPolicyReportOnly: "default-src 'none';",
    reportPath: '/csp-reports',
  })
  assert.equal(
    headers.get('content-security-policy-report-only'),
    "default-src 'none'; report-uri /csp-reports; report-to csp-reports",
  )
  assert.match(
    headers.get('content-security-policy') ?? '',
    /frame-ancestors 'none'; report-uri \/csp-reports; report-to csp-reports$/,
  )
  assert.deepEqual(headers.all('reporting-endpoints'), ['own="/own"', 'csp-reports="/csp-reports"'])
})

test('rejects bad configuration', () => {
  const refused: [unknown, RegExp][] = [
    ['strictest', /expected object/],
    [{ profile: 'api' }, /profile/],
    [{ contentSecurityPolicy: 'defualt-src self' }, /defualt-src.* is not a directive/],
    [{ contentSecurityPolicy: 'default-src self' }, /quotes/],
    [{ contentSecurityPolicy: "default-src 'self'\r\nx: y" }, /one line/],
    [{ contentSecurityPolicyReportOnly: '' }, /one line|empty/],
    [{ permissionsPolicy: 'camera=()\r\nset-cookie: a' }, /camera/],
    [{ cacheControl: 'no-store\n' }, /no-store/],
    [{ frameOptions: 'ALLOW-FROM https://app.example.com' }, /frameOptions/],
    [{ strictTransportSecurity: { maxAge: '1d', preload: true } }, /365d/],
    [{ strictTransportSecurity: { includeSubDomains: false, preload: true } }, /365d/],
    [{ reportPath: 'csp' }, /path/],
    [{ reportPath: '/csp; script-src *' }, /path/],
    [{ hsts: false }, /hsts/],
  ]
  for (const [options, message] of refused) assert.throws(() => read(options), message, JSON.stringify(options))
})

test('a route may tighten what is inherited; whatever weakens a field is looser', () => {
  const compose = (inherited: unknown, own: unknown) => securityHeaders.compose(read(inherited), read(own))
  assert.equal(compose('strict', 'strict'), 'tighter')
  assert.equal(compose('strict', 'legacy'), 'tighter')
  assert.equal(
    compose('html', { profile: 'html', frameOptions: 'DENY', referrerPolicy: 'same-origin', cacheControl: 'no-store' }),
    'tighter',
  )
  assert.equal(compose('html', 'strict'), 'tighter')
  assert.equal(
    compose('strict', {
      permissionsPolicy: `${'accelerometer=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), magnetometer=(), microphone=(), midi=(), payment=(), usb=()'}, hid=()`,
    }),
    'tighter',
  )
  for (const own of [
    'html',
    { frameOptions: 'SAMEORIGIN' },
    { frameOptions: 'upstream' },
    { contentTypeOptions: 'off' },
    { referrerPolicy: 'origin' },
    { contentSecurityPolicy: 'off' },
    { contentSecurityPolicy: "default-src 'none'" },
    { upstreamContentSecurityPolicy: 'prefer' },
    { strictTransportSecurity: 'off' },
    { strictTransportSecurity: { maxAge: '1d' } },
    { strictTransportSecurity: { includeSubDomains: false } },
    { permissionsPolicy: 'camera=()' },
    { crossOriginOpenerPolicy: 'unsafe-none' },
    { crossOriginResourcePolicy: 'cross-origin' },
    { crossOriginEmbedderPolicy: 'credentialless' },
    { xssProtection: 'off' },
    { cacheControl: 'max-age=60' },
    { authenticatedCaching: 'upstream' },
    { keepHeaders: ['server'] },
  ]) {
    assert.equal(compose('strict', own), 'looser', JSON.stringify(own))
  }
  assert.equal(compose({ removeHeaders: ['x-build'] }, {}), 'looser')
})

test('warns of preload and of shared caching', () => {
  const texts = (options: unknown) =>
    securityHeaders
      .warnings(read(options))
      .map(({ text }) => text)
      .join()
  assert.equal(texts({}), '')
  assert.match(texts({ strictTransportSecurity: { preload: true } }), /months/)
  assert.match(texts({ authenticatedCaching: 'upstream' }), /shared caches/)
})

test('two instances in one pipeline leave one of each field', async () => {
  const policies = [{ policy: securityHeaders }, { policy: securityHeaders, options: 'html' }]
  const pipeline = await createTestPipeline(policies)
  const { headers } = await runTestExchange({ pipeline })
  assert.deepEqual(headers.all('x-frame-options'), ['DENY'])
  assert.equal(headers.all('content-security-policy').length, 2, 'browsers enforce both')
})

for (const options of [
  'strict',
  'html',
  { reportPath: '/csp' },
  { frameOptions: 'off', upstreamContentSecurityPolicy: 'prefer' },
]) {
  test(`probes pass with the policy and fail without it: ${JSON.stringify(options)}`, async () => {
    const request = upstream(['server', 'nginx/1.18.0'], ['strict-transport-security', 'max-age=1'])
    const run = { policy: securityHeaders, options, request }
    const onRoute = ({ name }: { name: string }) => !name.includes('report')
    const on = (await runProbes({ ...run, enforced: true })).filter(onRoute)
    assert.deepEqual(
      on.filter(({ failure }) => failure !== null),
      [],
    )
    const off = (await runProbes({ ...run, enforced: false })).filter(onRoute)
    assert.deepEqual(
      off.filter(({ failure }) => failure === null),
      [],
    )
  })
}
