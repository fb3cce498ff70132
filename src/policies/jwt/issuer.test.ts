import assert from 'node:assert/strict'
import type { RequestListener } from 'node:http'
import { afterEach, beforeEach, describe, test } from 'node:test'
import { createTestIssuer, createTestKey, signTestToken, type TestIssuer } from '../../../test/support/issuer.ts'
import { createJwtRoute, toIssuerOptions } from '../../../test/support/jwt-route.ts'
import { toMetadataUrls } from '../discovery.ts'

const first = createTestKey()
const second = createTestKey()
let issuer: TestIssuer
let skippedMs: number
const close: (() => unknown)[] = []

beforeEach(async () => {
  skippedMs = 0
  issuer = await createTestIssuer(first)
  close.push(() => issuer.close())
})
afterEach(async () => {
  for (const each of close.splice(0)) await each()
})

const now = () => Date.now() + skippedMs

async function createRoute(own: Record<string, unknown> = {}) {
  const route = await createJwtRoute({ issuers: { main: toIssuerOptions(issuer, own) }, now })
  close.push(() => route.close())
  return route
}

const respond =
  (status: number, type: string, body: string): RequestListener =>
  (_, response) =>
    response.writeHead(status, { 'content-type': type }).end(body)

describe('keys', () => {
  test('are fetched on the first token, once, and not again for the next ones', async () => {
    const route = await createRoute()
    assert.equal(issuer.requests.size, 0, 'nothing is fetched before it is needed')
    const tokens = await Promise.all(Array.from({ length: 20 }, (_, i) => issuer.sign({ sub: `customer-${i}` })))
    const results = await Promise.all(tokens.map((token) => route.sendToken(token)))
    assert.ok(results.every(({ status }) => status === 200))
    assert.equal(issuer.requests.get('/jwks.json'), 1)
  })

  test('that are rotated are found as soon as a token names the new one', async () => {
    const route = await createRoute()
    await route.sendToken(await issuer.sign())
    issuer.publish(second, first)
    skippedMs = 30_000
    assert.equal((await route.sendToken(await issuer.sign())).status, 200)
    assert.equal((await route.sendToken(await issuer.sign({}, {}, first))).status, 200)
    assert.equal(issuer.requests.get('/jwks.json'), 2)
  })

  test('that are withdrawn end what they signed, cached or not', async () => {
    const route = await createRoute()
    const token = await issuer.sign()
    assert.equal((await route.sendToken(token)).status, 200)
    issuer.publish(second)
    assert.equal((await route.sendToken(token)).status, 200, 'known keys are used for `keysMaxAge`')
    skippedMs = 600_000
    assert.equal((await route.sendToken(token)).code, 'token_key_unknown')
    assert.equal((await route.sendToken(await issuer.sign())).status, 200)
  })

  test('that are withdrawn early end what they signed as soon as that is known', async () => {
    const route = await createRoute()
    const token = await issuer.sign()
    await route.sendToken(token)
    issuer.publish(second)
    skippedMs = 30_000
    assert.equal((await route.sendToken(token)).status, 200)
    assert.equal((await route.sendToken(await issuer.sign())).status, 200)
    assert.equal((await route.sendToken(token)).code, 'token_key_unknown')
  })

  test('without a name, and tokens without one, are matched by trying', async () => {
    issuer.publish(
      { ...second, jwk: { ...second.jwk, kid: undefined } },
      { ...first, jwk: { ...first.jwk, kid: undefined } },
    )
    const route = await createRoute()
    assert.equal((await route.sendToken(await issuer.sign({}, {}, first))).status, 200)
    assert.equal((await route.sendToken(await issuer.sign({}, { kid: undefined }, second))).status, 200)
    assert.equal((await route.sendToken(await issuer.sign({}, {}, createTestKey()))).code, 'token_signature')
  })

  test('whose numbers are no key spoil only what names them', async () => {
    issuer.publish({ ...second, jwk: { ...second.jwk, x: 'AA' } }, first)
    const route = await createRoute()
    assert.equal((await route.sendToken(await issuer.sign({}, {}, second))).code, 'token_signature')
    assert.equal((await route.sendToken(await issuer.sign({}, {}, first))).status, 200)
  })
})

describe('an issuer that does not give keys', () => {
  const huge = `{"keys":[${'0,'.repeat(200_000)}0]}`
  const answers: Record<string, RequestListener> = {
    'an error': respond(500, 'application/json', '{}'),
    'a redirect to good keys': (request, response) =>
      request.url === '/moved'
        ? respond(200, 'application/json', JSON.stringify({ keys: [first.jwk] }))(request, response)
        : response.writeHead(302, { location: '/moved' }).end(),
    'a page': respond(200, 'text/html', JSON.stringify({ keys: [first.jwk] })),
    'broken JSON': respond(200, 'application/json', '{"keys":['),
    'another document': respond(200, 'application/json', '{"hello":1}'),
    'no keys': respond(200, 'application/json', '{"keys":[]}'),
    'more than is read': respond(200, 'application/json', huge),
    'too many keys': respond(200, 'application/json', JSON.stringify({ keys: new Array(101).fill(first.jwk) })),
    nothing: () => {},
    'a reset': (request) => request.socket.destroy(),
    drops: (_, response) => {
      const timer = setInterval(() => response.write(' '), 20)
      response.on('close', () => clearInterval(timer))
    },
  }
  for (const [what, listener] of Object.entries(answers)) {
    test(`but ${what}, refuses with 503 and is asked again soon`, async () => {
      const route = await createRoute({ timeout: '150ms' })
      const token = await issuer.sign()
      issuer.answerWith(listener)
      const refused = await route.sendToken(token)
      assert.deepEqual([refused.status, refused.code, refused.forwarded], [503, 'dependency_down', false])
      assert.equal(refused.headers.get('retry-after'), '5')
      assert.ok(!refused.body.includes(issuer.url))
      issuer.answerWith(null)
      assert.equal((await route.sendToken(token)).status, 503, 'attempts are spaced')
      skippedMs += 5000
      assert.equal((await route.sendToken(token)).status, 200)
      assert.ok(route.pipeline.log.some(({ event, level }) => event === 'issuer_keys_failed' && level === 'warn'))
    })
  }

  test('later on is replaced by the keys at hand, up to the limit', async () => {
    const route = await createRoute({ keysMaxAge: '1m', keysMaxStale: '10m', timeout: '150ms' })
    const token = await issuer.sign({ exp: Math.floor(Date.now() / 1000) + 7200 })
    await route.sendToken(token)
    issuer.answerWith(respond(503, 'text/plain', ''))
    skippedMs = 60_000 + 599_000
    assert.equal((await route.sendToken(token)).status, 200)
    assert.equal((await route.sendToken(await issuer.sign({ exp: Math.floor(Date.now() / 1000) + 7200 }))).status, 200)
    skippedMs = 60_000 + 600_000
    const { status, code } = await route.sendToken(token)
    assert.deepEqual([status, code], [503, 'dependency_down'])
    issuer.answerWith(null)
    skippedMs += 5000
    assert.equal((await route.sendToken(token)).status, 200)
  })

  test('is not waited for by forged tokens that are wrong in other ways', async () => {
    const route = await createRoute()
    issuer.answerWith(() => {})
    const expired = await issuer.sign({ exp: 1 })
    assert.equal((await route.sendToken(expired)).code, 'token_expired')
    assert.equal(issuer.requests.size, 0)
  })

  test('because its address is private or plain HTTP is told in the log', async () => {
    for (const [own, pattern] of [
      [{ allowPrivateAddress: undefined }, /private address/],
      [
        { jwksUrl: `${issuer.jwksUrl.replace('127.0.0.1', 'localhost')}`, allowPrivateAddress: undefined },
        /private address/,
      ],
    ] as const) {
      const route = await createRoute(own)
      const refused = await route.sendToken(await issuer.sign())
      assert.equal(refused.code, 'dependency_down')
      const reason = route.pipeline.log.find(({ event }) => event === 'issuer_keys_failed')?.fields.reason
      assert.match(String(reason), pattern)
    }
    assert.equal(issuer.requests.size, 0)
  })
})

describe('discovery', () => {
  test('finds the keys by OpenID Connect, or by RFC 8414 where that is unknown', async () => {
    const route = await createRoute({ jwksUrl: undefined })
    assert.equal((await route.sendToken(await issuer.sign())).status, 200)
    assert.equal(issuer.requests.get('/.well-known/openid-configuration'), 1)

    const oauthOnly = await createRoute({ jwksUrl: undefined, audience: 'other' })
    const metadata = JSON.stringify({ issuer: issuer.url, jwks_uri: issuer.jwksUrl })
    issuer.answerWith((request, response) => {
      if (request.url === '/.well-known/oauth-authorization-server')
        respond(200, 'application/json', metadata)(request, response)
      else if (request.url === '/jwks.json')
        respond(200, 'application/json', JSON.stringify({ keys: [first.jwk] }))(request, response)
      else response.writeHead(404).end()
    })
    assert.equal((await oauthOnly.sendToken(await issuer.sign({ aud: 'other' }))).status, 200)
  })

  test('puts the well-known path behind or before the path of the issuer', () => {
    assert.deepEqual(toMetadataUrls('https://login.example.com/realms/shop/'), [
      'https://login.example.com/realms/shop/.well-known/openid-configuration',
      'https://login.example.com/.well-known/oauth-authorization-server/realms/shop',
    ])
    assert.deepEqual(toMetadataUrls('https://login.example.com'), [
      'https://login.example.com/.well-known/openid-configuration',
      'https://login.example.com/.well-known/oauth-authorization-server',
    ])
  })

  test('believes no metadata of another issuer, and none that leads to a forbidden place', async () => {
    const documents = [
      { issuer: `${issuer.url}/`, jwks_uri: issuer.jwksUrl },
      { issuer: 'https://attacker.invalid', jwks_uri: issuer.jwksUrl },
      { jwks_uri: issuer.jwksUrl },
      { issuer: issuer.url },
      { issuer: issuer.url, jwks_uri: ['x'] },
      { issuer: issuer.url, jwks_uri: 'file:///etc/passwd' },
      { issuer: issuer.url, jwks_uri: 'http://169.254.169.254/latest/meta-data' },
      null,
    ]
    for (const document of documents) {
      const route = await createRoute({ jwksUrl: undefined })
      issuer.answerWith((request, response) => {
        const found = request.url === '/jwks.json' ? { keys: [first.jwk] } : document
        respond(200, 'application/json', JSON.stringify(found))(request, response)
      })
      const refused = await route.sendToken(await issuer.sign())
      assert.equal(refused.code, 'dependency_down', JSON.stringify(document))
    }
  })

  test('is asked again when the keys are no longer where it said', async () => {
    const route = await createRoute({ jwksUrl: undefined })
    await route.sendToken(await issuer.sign())
    issuer.answerWith(respond(404, 'application/json', '{}'))
    skippedMs = 600_000
    await route.sendToken(await issuer.sign({ exp: Math.floor(Date.now() / 1000) + 7200 }))
    issuer.answerWith(null)
    skippedMs += 5000
    await route.sendToken(await issuer.sign({ jti: 'new', exp: Math.floor(Date.now() / 1000) + 7200 }))
    await new Promise((resolve) => setTimeout(resolve, 50))
    assert.equal(issuer.requests.get('/.well-known/openid-configuration'), 2)
  })
})

describe('keys in a file', () => {
  const keys = { issuer: 'urn:our:issuer', jwksUrl: undefined, keys: ['file:a.json', 'file:b.pem'] }
  const secrets = {
    'file:a.json': JSON.stringify({ keys: [first.jwk] }),
    'file:b.pem': second.publicKey.export({ format: 'pem', type: 'spki' }) as string,
  }
  const create = (own: Record<string, string>) =>
    createJwtRoute({ issuers: { main: toIssuerOptions(issuer, keys) }, secrets: { ...secrets, ...own } })

  test('verify tokens without any request', async () => {
    const route = await create({})
    close.push(() => route.close())
    for (const key of [first, second]) {
      assert.equal((await route.sendToken(await signTestToken('urn:our:issuer', key))).status, 200)
    }
    const strange = await signTestToken('urn:our:issuer', createTestKey())
    assert.equal((await route.sendToken(strange)).code, 'token_signature')
    assert.equal(issuer.requests.size, 0)
  })

  test('that cannot be used are an error at load, which names the file', async () => {
    await assert.rejects(create({ 'file:b.pem': 'no key' }), /"main".*file:b\.pem.*neither PEM nor JSON/)
    const weak = { ...first.jwk, use: 'enc' }
    await assert.rejects(create({ 'file:a.json': JSON.stringify(weak) }), /file:a\.json.*no usable key/)
  })
})
