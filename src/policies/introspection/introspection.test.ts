import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import type { RequestListener } from 'node:http'
import { afterEach, beforeEach, describe, test } from 'node:test'
import { createDpopClient } from '../../../test/support/dpop.ts'
import { eventually } from '../../../test/support/eventually.ts'
import {
  createTestPipeline,
  parseTestOptions,
  runTestExchange,
  type TestPolicy,
  type TestRequest,
} from '../../../test/support/exchange.ts'
import { startIntrospectionServer, type TestIntrospectionServer } from '../../../test/support/introspection-server.ts'
import { createTestKey, signTestToken } from '../../../test/support/issuer.ts'
import { outboundPort } from '../../outbound/outbound.ts'
import { createOutboundClient } from '../../outbound/outbound-client.ts'
import { allocateRateMemory } from '../../stores/counters/rate-memory.ts'
import { createSharedRateTable } from '../../stores/counters/shared-rate-table.ts'
import { changeEpochPort } from '../../stores/ports/change-log.ts'
import { rateTable } from '../../stores/ports/rate-table.ts'
import { type RevokedKind, revocationLookupPort } from '../../stores/ports/revocation-store.ts'
import { dpop } from '../dpop/index.ts'
import { jwt } from '../jwt/index.ts'
import { issuersBlock } from '../jwt/issuer-options.ts'
import { compose } from './compose.ts'
import { introspection } from './index.ts'
import type { IntrospectionOptions } from './options.ts'

const keys = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const known = { id: 'gateway: 1', secret: 's+cr&t %', publicKey: keys.publicKey }
const secrets = {
  'env:SECRET': known.secret,
  'env:WRONG': 'wrong',
  'env:KEY': keys.privateKey.export({ format: 'pem', type: 'pkcs8' }) as string,
}
const reason = 'the server of this test'
let server: TestIntrospectionServer
let skippedMs: number
const close: (() => unknown)[] = []

beforeEach(async () => {
  skippedMs = 0
  server = await startIntrospectionServer(known)
  close.push(() => server.close())
})
afterEach(async () => {
  for (const each of close.splice(0)) await each()
})

const seconds = () => Math.floor((Date.now() + skippedMs) / 1000)
const good = (claims: Record<string, unknown> = {}) => ({
  ...{ active: true, iss: server.url, aud: 'shop', sub: 'customer-1', exp: seconds() + 3600 },
  ...claims,
})

interface Surroundings {
  readonly before?: readonly TestPolicy[]
  readonly after?: readonly TestPolicy[]
  readonly blocks?: Readonly<Record<string, unknown>>
  readonly epoch?: { value: number }
  readonly revoked?: () => RevokedKind | null
}

async function createRoute(own: Record<string, unknown> = {}, surroundings: Surroundings = {}) {
  const outbound = createOutboundClient()
  const options = {
    ...{ issuer: server.url, endpoint: server.endpoint, audience: 'shop' },
    ...{ client: { id: known.id, secret: 'env:SECRET' } },
    ...{ allowPrivateAddress: { reason }, allowPlainHttp: { reason } },
    ...own,
  }
  const { before = [], after = [], blocks = {}, epoch = { value: 1 }, revoked = () => null } = surroundings
  const pipeline = await createTestPipeline(
    [...before, { policy: introspection, options }, ...after],
    { authenticated: true },
    {
      now: () => Date.now() + skippedMs,
      secrets,
      blocks,
      ports: [
        [outboundPort, outbound],
        [changeEpochPort, { current: () => epoch.value, readable: () => true }],
        [revocationLookupPort, { find: revoked }],
        [rateTable, createSharedRateTable(allocateRateMemory(1024))],
      ],
    },
  )
  close.push(() => outbound.close())
  const send = (headers: TestRequest['headers']) => runTestExchange({ pipeline, headers: headers ?? {} })
  return { pipeline, send, sendToken: (token: string) => send({ authorization: `Bearer ${token}` }) }
}

describe('a token that its issuer calls active', () => {
  test('identifies its caller and is not forwarded', async () => {
    const route = await createRoute({ rolesClaim: 'groups', rolesMap: { staff: 'admin' }, tenantClaim: 'org' })
    const exp = seconds() + 60
    const claims = { exp, groups: ['staff'], scope: 'a b', org: 'north', jti: 'id-1', token_type: 'Bearer' }
    server.tokens.set('opaque', good(claims))
    const result = await route.sendToken('opaque')
    assert.equal(result.status, 200, result.code ?? '')
    assert.equal(result.exchange.headers.has('authorization'), false)
    assert.deepEqual(result.exchange.principal, {
      ...{ id: 'customer-1', kind: 'user', issuer: server.url, tenant: 'north', roles: ['admin'], scopes: ['a', 'b'] },
      ...{
        attributes: {},
        credential: { policy: 'introspection', id: 'id-1' },
        assurance: null,
        authenticatedAt: null,
      },
      ...{ confirmation: null, proofOfPossession: null, expiresAt: exp * 1000 },
    })
  })

  test('of a client without a user is a service', async () => {
    const route = await createRoute()
    server.tokens.set('opaque', good({ sub: undefined, client_id: 'batch' }))
    const { exchange } = await route.sendToken('opaque')
    assert.deepEqual([exchange.principal?.id, exchange.principal?.kind], ['batch', 'service'])
  })

  test('is asked for by each way of proving who asks, and by discovery', async () => {
    server.tokens.set('opaque', good())
    for (const own of [
      { client: { id: known.id, secret: 'env:SECRET', method: 'post' } },
      { client: { id: known.id, key: 'env:KEY', method: 'privateKeyJwt' } },
      { endpoint: undefined },
    ]) {
      assert.equal((await (await createRoute(own)).sendToken('opaque')).status, 200, JSON.stringify(own))
    }
    assert.equal(server.turnedAway, 0)
    const wrong = await createRoute({ client: { id: known.id, secret: 'env:WRONG' } })
    assert.equal((await wrong.sendToken('opaque')).code, 'dependency_down')
    assert.equal(server.turnedAway, 1)
  })

  const refused: Record<string, [Record<string, unknown>, string]> = {
    'but of another issuer': [{ iss: 'https://attacker.invalid' }, 'introspection_issuer'],
    'but for another API': [{ aud: ['other'] }, 'introspection_audience'],
    'but for nobody': [{ aud: undefined }, 'introspection_audience'],
    'but has expired': [{ exp: 1 }, 'introspection_time'],
    'but has not begun': [{ nbf: 99_999_999_999 }, 'introspection_time'],
    'but is a refresh token': [{ token_use: 'refresh_token' }, 'introspection_type'],
    'but of another type': [{ token_type: 'N_A' }, 'introspection_type'],
    'but has no subject': [{ sub: undefined }, 'introspection_claims'],
    'but has a time that is none': [{ exp: '99999999999' }, 'introspection_claims'],
    'but is bound to something unknown': [{ cnf: { kid: 'k' } }, 'introspection_bound'],
    'but is a DPoP token without its key': [{ token_type: 'DPoP' }, 'introspection_unbound'],
    'but came without the key that it is bound to': [{ cnf: { jkt: 'a'.repeat(43) } }, 'credential_bound'],
  }
  for (const [name, [claims, code]] of Object.entries(refused)) {
    test(`${name} is refused`, async () => {
      const route = await createRoute()
      server.tokens.set('opaque', good(claims))
      const result = await route.sendToken('opaque')
      assert.deepEqual([result.status, result.code], [401, code])
      assert.match(result.headers.get('www-authenticate') ?? '', /^Bearer /)
    })
  }
})

describe('an answer', () => {
  test('is used for its lifetime and not beyond the end of its token', async () => {
    const route = await createRoute({ lifetime: '30s', clockTolerance: '0s' })
    server.tokens.set('long', good())
    server.tokens.set('short', good({ exp: seconds() + 10 }))
    for (let i = 0; i < 3; i++) for (const token of ['long', 'short']) await route.sendToken(token)
    assert.deepEqual(server.asked, ['long', 'short'])
    skippedMs = 11_000
    assert.equal((await route.sendToken('short')).code, 'introspection_time')
    await route.sendToken('long')
    assert.equal(server.asked.length, 3)
    server.tokens.delete('long')
    skippedMs = 30_000
    assert.equal((await route.sendToken('long')).code, 'introspection_inactive')
  })

  test('that it is not active is used for a short time', async () => {
    const route = await createRoute()
    for (let i = 0; i < 3; i++) assert.equal((await route.sendToken('later')).code, 'introspection_inactive')
    assert.equal(server.asked.length, 1)
    server.tokens.set('later', good())
    skippedMs = 5_000
    assert.equal((await route.sendToken('later')).status, 200)
  })

  test('is shared by all who wait for it', async () => {
    const route = await createRoute()
    server.tokens.set('opaque', good())
    const release = server.hold()
    const pending = Array.from({ length: 20 }, () => route.sendToken('opaque'))
    await eventually('it was asked', () => server.asked.length === 1)
    release()
    for (const { status } of await Promise.all(pending)) assert.equal(status, 200)
    assert.equal(server.asked.length, 1)
  })

  test('is waited for by so many, and no more', async () => {
    const route = await createRoute({ maxConcurrent: 2 })
    const release = server.hold()
    const pending = Array.from({ length: 30 }, (_, i) => route.sendToken(`guess-${i}`))
    await eventually('two were asked', () => server.asked.length === 2)
    await new Promise((resolve) => setTimeout(resolve, 50))
    assert.equal(server.asked.length, 2)
    release()
    const codes = (await Promise.all(pending)).map(({ code }) => code)
    assert.equal(codes.filter((code) => code === 'introspection_inactive').length, 18)
    assert.equal(codes.filter((code) => code === 'dependency_down').length, 12)
  })

  test('does not outlive a revocation here', async () => {
    const epoch = { value: 1 }
    let revoked: RevokedKind | null = null
    const route = await createRoute({}, { epoch, revoked: () => revoked })
    server.tokens.set('opaque', good())
    assert.equal((await route.sendToken('opaque')).status, 200)
    revoked = 'subject'
    epoch.value++
    assert.equal((await route.sendToken('opaque')).code, 'introspection_revoked')
    assert.equal(server.asked.length, 1)
  })

  test('and what it holds open does not either', async () => {
    const epoch = { value: 1 }
    let revoked: RevokedKind | null = null
    const route = await createRoute({}, { epoch, revoked: () => revoked })
    server.tokens.set('opaque', good())
    const { exchange } = await route.sendToken('opaque')
    const holds = () => route.pipeline.pipeline.stillHolds(exchange)
    epoch.value++
    assert.equal(await holds(), true)
    revoked = 'token'
    epoch.value++
    assert.equal(await holds(), false)
    assert.equal(server.asked.length, 1)
  })
})

describe('an issuer that cannot be asked', () => {
  const faults: Record<string, RequestListener> = {
    'is slow': () => {},
    fails: (_, response) => void response.writeHead(500).end(),
    redirects: (_, response) => void response.writeHead(302, { location: 'http://127.0.0.1/' }).end(),
    'sends too much': (_, response) =>
      void response
        .writeHead(200, { 'content-type': 'application/json' })
        .end(`{"active":true,"a":"${'x'.repeat(70_000)}"}`),
    'sends garbage': (_, response) => void response.writeHead(200, { 'content-type': 'application/json' }).end('{'),
    'sends a page': (_, response) =>
      void response.writeHead(200, { 'content-type': 'text/html' }).end('{"active":true}'),
    'says "true" as text': (_, response) =>
      void response
        .writeHead(200, { 'content-type': 'application/json' })
        .end('{"active":"true","sub":"a","aud":"shop"}'),
    'says 1': (_, response) =>
      void response.writeHead(200, { 'content-type': 'application/json' }).end('{"active":1,"sub":"a","aud":"shop"}'),
    'sends a list': (_, response) => void response.writeHead(200, { 'content-type': 'application/json' }).end('[]'),
  }
  for (const [name, listener] of Object.entries(faults)) {
    test(`because it ${name}, lets nobody in, and is asked again`, async () => {
      const route = await createRoute({ timeout: '200ms' })
      server.tokens.set('opaque', good())
      server.answerWith(listener)
      const refused = await route.sendToken('opaque')
      assert.deepEqual([refused.status, refused.code], [503, 'dependency_down'])
      assert.equal(refused.headers.get('retry-after'), '5')
      server.answerWith(null)
      assert.equal((await route.sendToken('opaque')).status, 200)
    })
  }

  test('is answered for by what it said before, for so long as the options say', async () => {
    const refusing = await createRoute({ lifetime: '10s' })
    const lenient = await createRoute({ lifetime: '10s', onFailure: 'cached', maxStale: '20s' })
    server.tokens.set('opaque', good())
    for (const route of [refusing, lenient]) assert.equal((await route.sendToken('opaque')).status, 200)
    server.answerWith((_, response) => void response.writeHead(500).end())
    skippedMs = 11_000
    assert.equal((await refusing.sendToken('opaque')).code, 'dependency_down')
    assert.equal((await lenient.sendToken('opaque')).status, 200)
    assert.equal((await lenient.sendToken('never seen')).code, 'introspection_malformed')
    assert.equal((await lenient.sendToken('never-seen')).code, 'dependency_down')
    skippedMs = 31_000
    assert.equal((await lenient.sendToken('opaque')).code, 'dependency_down')
  })

  test('on a private address or over plain HTTP is not asked unless that is allowed', async () => {
    const route = await createRoute({ allowPrivateAddress: undefined })
    assert.equal((await route.sendToken('opaque')).code, 'dependency_down')
    assert.deepEqual(server.asked, [])
    assert.throws(() => parseTestOptions(introspection, { issuer: server.url, client: { id: 'a', secret: 'env:A' } }))
  })
})

describe('a token', () => {
  test('that is no token is refused without a question', async () => {
    const route = await createRoute()
    for (const token of ['a&active=true', 'a"b', 'a b', 'ä', '=', 'x'.repeat(8193)]) {
      assert.equal((await route.sendToken(token)).code, 'introspection_malformed', token.slice(0, 20))
    }
    assert.deepEqual(server.asked, [])
  })

  test('in two fields, or in none, is refused', async () => {
    const route = await createRoute()
    server.tokens.set('opaque', good())
    const twice = await route.send([
      ['authorization', 'Bearer opaque'],
      ['authorization', 'Bearer opaque'],
    ])
    assert.equal(twice.code, 'introspection_repeated')
    for (const headers of [{}, { authorization: 'Basic b3BhcXVl' }, { authorization: 'Bearer pck_abc' }]) {
      assert.equal((await route.send(headers)).code, 'credential_missing')
    }
  })

  test('is claimed by one policy where several are accepted', async () => {
    const key = createTestKey()
    const iss = 'https://login.example.com/'
    const blocks = { issuers: issuersBlock.parse({ main: { issuer: iss, audience: 'shop', keys: 'env:KEYS' } }) }
    const keySet = JSON.stringify({ keys: [key.jwk] })
    Object.assign(secrets, { 'env:KEYS': keySet })
    const route = await createRoute({}, { before: [{ policy: jwt }], blocks })
    server.tokens.set('opaque', good())
    const policyOf = async (token: string) => (await route.sendToken(token)).exchange.principal?.credential.policy
    assert.equal(await policyOf('opaque'), 'introspection')
    assert.equal(await policyOf(await signTestToken(iss, key)), 'jwt')
    assert.deepEqual(server.asked, ['opaque'])
    const jwts = await createRoute({ tokens: 'all' })
    const token = await signTestToken(server.url, key)
    server.tokens.set(token, good())
    assert.equal((await jwts.sendToken(token)).status, 200)
  })

  test('that is bound to a key works with its proof, and each proof once', async () => {
    const client = await createDpopClient()
    const route = await createRoute({}, { after: [{ policy: dpop }] })
    server.tokens.set('opaque', good({ cnf: client.cnf, token_type: 'DPoP' }))
    const headers = { authorization: 'DPoP opaque', dpop: await client.prove({ token: 'opaque' }) }
    const first = await route.send(headers)
    assert.equal(first.status, 200, first.code ?? '')
    assert.equal(first.exchange.principal?.proofOfPossession, client.cnf.jkt)
    assert.equal((await route.send(headers)).code, 'dpop_replayed')
    assert.equal((await route.sendToken('opaque')).code, 'dpop_scheme')
    server.tokens.set('unbound', good())
    assert.equal((await route.send({ authorization: 'DPoP unbound' })).code, 'introspection_unbound')
  })
})

describe('options', () => {
  const base = { issuer: 'https://a.example', client: { id: 'a', secret: 'env:SECRET' } }
  const parse = (own: Record<string, unknown> = {}) =>
    parseTestOptions(introspection, { ...base, ...own }) as IntrospectionOptions

  test('that are unsafe, unknown or contradictory are refused', () => {
    for (const own of [
      { issuer: 'http://a.example' },
      { issuer: 'a' },
      { issuer: 'portcullis', endpoint: 'https://a.example/' },
      { issuer: 'https://a.example|b', endpoint: 'https://a.example/' },
      { endpoint: 'https://user:password@a.example/' },
      { client: { id: 'a' } },
      { client: { id: 'a', secret: 'by value' } },
      { client: { id: 'a', secret: 'env:A', key: 'env:B' } },
      { client: { id: 'a', secret: 'env:A', method: 'privateKeyJwt' } },
      { lifetime: '1h' },
      { nonsense: true },
    ]) {
      assert.throws(() => parse(own), JSON.stringify(own))
    }
  })

  test('whose key is none are an error at load', async () => {
    const create = createRoute({ client: { id: 'a', key: 'env:SECRET', method: 'privateKeyJwt' } })
    await assert.rejects(create, /env:SECRET holds no private key/)
  })

  test('of a route may only shorten', () => {
    assert.equal(compose(parse(), parse({ lifetime: '10s', realm: 'other' })), 'tighter')
    for (const own of [
      { lifetime: '1m' },
      { onFailure: 'cached' },
      { audience: 'x' },
      { issuer: 'https://b.example' },
    ]) {
      assert.equal(compose(parse(), parse(own)), 'looser', JSON.stringify(own))
    }
  })

  test('warn of what is left open', () => {
    const texts = introspection.warnings({ ...parse(), allowPlainHttp: { reason: 'a test' } }).map(({ text }) => text)
    assert.match(texts.join('\n'), /plain HTTP[\s\S]*no `audience`/)
  })
})
