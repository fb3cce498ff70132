import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { createDpopClient, type DpopClient, type ProofValues } from '../../../test/support/dpop.ts'
import {
  createTestPipeline,
  parseTestOptions,
  runTestExchange,
  type TestRequest,
} from '../../../test/support/exchange.ts'
import { createTestKey, signTestToken } from '../../../test/support/issuer.ts'
import { outboundPort } from '../../outbound/outbound.ts'
import { allocateRateMemory } from '../../stores/counters/rate-memory.ts'
import { createSharedRateTable } from '../../stores/counters/shared-rate-table.ts'
import { dataFolderPort } from '../../stores/ports/data-folder.ts'
import { type RateTable, rateTable } from '../../stores/ports/rate-table.ts'
import { jwt } from '../jwt/index.ts'
import { issuersBlock } from '../jwt/issuer-options.ts'
import { compose } from './compose.ts'
import { dpop } from './index.ts'
import type { DpopOptions } from './options.ts'

const iss = 'https://login.example.com/'
const key = createTestKey()
const folder = mkdtempSync(join(tmpdir(), 'portcullis-dpop-'))
let client: DpopClient
let token: string

before(async () => {
  client = await createDpopClient()
  token = await signTestToken(iss, key, { cnf: client.cnf })
})
after(() => rmSync(folder, { recursive: true }))

interface RouteOptions {
  readonly options?: unknown
  readonly table?: RateTable
  readonly now?: () => number
  readonly without?: true
}

async function createRoute({ options, table, now, without }: RouteOptions = {}) {
  const memory = createSharedRateTable(allocateRateMemory(1024))
  const pipeline = await createTestPipeline(
    [{ policy: jwt }, ...(without ? [] : [{ policy: dpop, options }])],
    { authenticated: true },
    {
      ...(now && { now }),
      blocks: { issuers: issuersBlock.parse({ main: { issuer: iss, audience: 'shop', keys: 'env:KEYS' } }) },
      secrets: { 'env:KEYS': JSON.stringify({ keys: [key.jwk] }) },
      ports: [
        [rateTable, table ?? memory],
        [dataFolderPort, { path: folder }],
        [outboundPort, {}],
      ],
    },
  )
  const send = (headers: TestRequest['headers'], more: TestRequest = {}) =>
    runTestExchange({ ...more, pipeline, headers: headers ?? {} })
  return {
    send,
    sendProof: (proof: string, more: TestRequest = {}) => send({ authorization: `DPoP ${token}`, dpop: proof }, more),
  }
}

const prove = (values: ProofValues = {}) => client.prove({ token, ...values })

describe('a token that is bound to a key', () => {
  test('identifies its caller with a proof, and neither is forwarded', async () => {
    const route = await createRoute()
    for (let i = 0; i < 3; i++) {
      const result = await route.sendProof(await prove())
      assert.equal(result.status, 200, result.code ?? '')
      assert.equal(result.exchange.principal?.proofOfPossession, client.cnf.jkt)
      assert.ok(Object.isFrozen(result.exchange.principal))
      assert.deepEqual(result.exchange.headers.flat, [])
    }
  })

  test('is taken with a key of each kind', async () => {
    const route = await createRoute()
    for (const alg of ['ES256', 'EdDSA', 'RS256', 'PS256']) {
      const other = await createDpopClient(alg)
      const bound = await signTestToken(iss, key, { cnf: other.cnf })
      const headers = { authorization: `dpop ${bound}`, dpop: await other.prove({ token: bound }) }
      assert.equal((await route.send(headers)).status, 200, alg)
    }
  })

  test('does not work for a thief, however it is sent', async () => {
    const route = await createRoute()
    await route.sendProof(await prove())
    const bearer = await route.send({ authorization: `Bearer ${token}` })
    assert.deepEqual([bearer.status, bearer.code], [401, 'dpop_scheme'])
    const both = await route.send({ authorization: `Bearer ${token}`, dpop: await prove() })
    assert.equal(both.code, 'dpop_scheme')
    const alone = await route.send({ authorization: `DPoP ${token}` })
    assert.equal(alone.code, 'dpop_missing')
    const thief = await createDpopClient()
    assert.equal((await route.sendProof(await thief.prove({ token }))).code, 'dpop_key')
    const wrapped = await thief.prove({ token, header: { jwk: client.key.publicKey.export({ format: 'jwk' }) } })
    assert.equal((await route.sendProof(wrapped)).code, 'dpop_signature')
  })

  test('works for a thief on a route that does not check: which there is none of', async () => {
    const route = await createRoute({ without: true })
    for (const authorization of [`Bearer ${token}`, `DPoP ${token}`]) {
      const stolen = await route.send({ authorization, dpop: await prove() })
      assert.deepEqual([stolen.status, stolen.code], [401, 'credential_bound'])
    }
  })

  test('is refused in observe mode as well', async () => {
    const memory = createSharedRateTable(allocateRateMemory(1024))
    const result = await runTestExchange({
      policies: [{ policy: jwt }, { policy: dpop, mode: 'observe' }],
      route: { authenticated: true },
      headers: { authorization: `Bearer ${token}` },
      blocks: { issuers: issuersBlock.parse({ main: { issuer: iss, audience: 'shop', keys: 'env:KEYS' } }) },
      secrets: { 'env:KEYS': JSON.stringify({ keys: [key.jwk] }) },
      ports: [[rateTable, memory]],
    })
    assert.deepEqual([result.status, result.code], [401, 'credential_bound'])
  })
})

describe('a proof', () => {
  const seconds = () => Math.floor(Date.now() / 1000)
  const bad: Record<string, [ProofValues, string]> = {
    'for another method': [{ claims: { htm: 'POST' } }, 'dpop_target'],
    'for a method in another case': [{ claims: { htm: 'get' } }, 'dpop_target'],
    'for another path': [{ claims: { htu: 'https://api.example.com/orders/1' } }, 'dpop_target'],
    'for another host': [{ claims: { htu: 'https://attacker.example.com/orders' } }, 'dpop_target'],
    'for another scheme': [{ claims: { htu: 'http://api.example.com/orders' } }, 'dpop_target'],
    'for another port': [{ claims: { htu: 'https://api.example.com:8443/orders' } }, 'dpop_target'],
    'for what is no URL': [{ claims: { htu: '/orders' } }, 'dpop_target'],
    'for a URL with a user': [{ claims: { htu: 'https://user@api.example.com/orders' } }, 'dpop_target'],
    'that is too old': [{ claims: { iat: seconds() - 80 } }, 'dpop_time'],
    'from the future': [{ claims: { iat: seconds() + 30 } }, 'dpop_time'],
    'whose time is no number': [{ claims: { iat: '1' } }, 'dpop_malformed'],
    'for another token': [{ token: 'another' }, 'dpop_token'],
    'for no token': [{ claims: { ath: undefined } }, 'dpop_malformed'],
    'without an id': [{ claims: { jti: undefined } }, 'dpop_malformed'],
    'with an id that is too long': [{ claims: { jti: 'x'.repeat(257) } }, 'dpop_malformed'],
    'of another type': [{ header: { typ: 'JWT' } }, 'dpop_malformed'],
    'without a key': [{ header: { jwk: undefined } }, 'dpop_malformed'],
  }
  for (const [name, [values, code]] of Object.entries(bad)) {
    test(`${name} is refused`, async () => {
      const route = await createRoute()
      const refused = await route.sendProof(await prove(values))
      assert.deepEqual([refused.status, refused.code], [401, code])
      assert.match(refused.headers.get('www-authenticate') ?? '', /^DPoP error="invalid_dpop_proof", algs="[\w ]+"$/)
    })
  }

  test('that is no JWT, symmetric, unsigned or holds a private key is refused', async () => {
    const route = await createRoute()
    const encode = (part: object) => Buffer.from(JSON.stringify(part)).toString('base64url')
    const claims = encode({ jti: 'a', htm: 'GET', htu: 'https://api.example.com/orders', iat: seconds(), ath: 'x' })
    const jwk = client.key.publicKey.export({ format: 'jwk' })
    for (const header of [
      { alg: 'none', typ: 'dpop+jwt', jwk },
      { alg: 'HS256', typ: 'dpop+jwt', jwk: { kty: 'oct', k: 'AAAA' } },
    ]) {
      assert.equal((await route.sendProof(`${encode(header)}.${claims}.AAAA`)).code, 'dpop_malformed')
    }
    for (const text of ['', 'x', 'a.b', 'a.b.c.d']) {
      assert.equal((await route.sendProof(text)).code, 'dpop_malformed', text)
    }
    const secret = client.key.privateKey.export({ format: 'jwk' })
    assert.equal((await route.sendProof(await prove({ header: { jwk: secret } }))).code, 'dpop_malformed')
  })

  test('that comes twice in one request is refused', async () => {
    const route = await createRoute()
    const [one, two] = [await prove(), await prove()]
    const headers = [
      ['authorization', `DPoP ${token}`],
      ['dpop', one],
      ['dpop', two],
    ] as const
    assert.equal((await route.send(headers)).code, 'dpop_repeated')
  })

  test('works once, whatever else is counted at the same moment', async () => {
    const memory = createSharedRateTable(allocateRateMemory(1024))
    let others = 0
    // The table says what it says in one object; here somebody else's count follows at once.
    const table: RateTable = {
      ...memory,
      open(spec) {
        const counter = memory.open(spec)
        return {
          take(...asked) {
            const result = counter.take(...asked)
            queueMicrotask(() => counter.take(`other-${others++}`, 1, performance.now()))
            return result
          },
        }
      },
    }
    const route = await createRoute({ table })
    const proof = await prove()
    assert.equal((await route.sendProof(proof)).status, 200)
    assert.equal((await route.sendProof(proof)).code, 'dpop_replayed')
  })

  test('works once, and one that failed is not used up', async () => {
    const route = await createRoute()
    const proof = await prove()
    assert.equal((await route.sendProof(proof, { path: '/other' })).code, 'dpop_target')
    assert.equal((await route.sendProof(proof)).status, 200)
    assert.equal((await route.sendProof(proof)).code, 'dpop_replayed')
    const parallel = await prove()
    const results = await Promise.all(Array.from({ length: 10 }, () => route.sendProof(parallel)))
    assert.equal(results.filter(({ status }) => status === 200).length, 1)
  })

  test('is compared with the URL after normalisation, without query and fragment', async () => {
    const route = await createRoute()
    const good: [htu: string, request: TestRequest][] = [
      ['HTTPS://API.example.com:443/orders?a=1#b', {}],
      ['https://api.example.com/orders', { host: 'api.example.com:443', query: 'page=2' }],
      ['https://api.example.com:8443/orders', { host: 'api.example.com:8443' }],
      ['https://api.example.com/a/../%6frders', {}],
      ['https://api.example.com/b%c3%a4', { path: '/b%C3%A4' }],
      ['http://api.example.com/orders', { scheme: 'http' }],
      ['https://api.example.com', { path: '/' }],
    ]
    for (const [htu, request] of good) {
      const result = await route.sendProof(await prove({ claims: { htu } }), request)
      assert.equal(result.status, 200, htu)
    }
  })

  test('may be for an origin that only a proxy knows', async () => {
    const route = await createRoute({ options: { origins: ['https://public.example.net'] } })
    const request = { host: 'internal:8080', scheme: 'http' } as const
    const good = await prove({ claims: { htu: 'https://public.example.net/orders' } })
    assert.equal((await route.sendProof(good, request)).status, 200)
    const internal = await prove({ claims: { htu: 'http://internal:8080/orders' } })
    assert.equal((await route.sendProof(internal, request)).code, 'dpop_target')
  })

  test('is refused while used ones cannot be remembered', async () => {
    const down: RateTable = {
      open: () => ({ take: () => Promise.reject(new Error('gone')) }),
      stats: () => assert.fail(),
    }
    const route = await createRoute({ table: down })
    const refused = await route.sendProof(await prove())
    assert.deepEqual([refused.status, refused.code], [503, 'dependency_down'])
  })

  test('is refused, not forgotten, when the table is full', async () => {
    const table = createSharedRateTable(allocateRateMemory(16))
    const route = await createRoute({ table })
    const first = await prove()
    assert.equal((await route.sendProof(first)).status, 200)
    const flood = table.open({ id: 'flood', limit: 1, windowMs: 3_600_000, burst: 1 })
    for (let i = 0; i < 2_000; i++) await flood.take(`k${i}`, 1, performance.now())
    assert.equal((await route.sendProof(first)).code, 'dpop_replayed')
  })
})

describe('a nonce', () => {
  test('is asked for, taken, and renewed on answers', async () => {
    const state = { now: Date.now() }
    const route = await createRoute({ options: { nonce: 'required', maxAge: '10m' }, now: () => state.now })
    const asked = await route.sendProof(await prove())
    assert.deepEqual([asked.status, asked.code], [401, 'dpop_nonce'])
    assert.match(asked.headers.get('www-authenticate') ?? '', /error="use_dpop_nonce"/)
    const nonce = asked.headers.get('dpop-nonce') ?? assert.fail()
    assert.match(nonce, /^[A-Za-z0-9_-]{32}$/)
    const send = async () => route.sendProof(await prove({ claims: { nonce } }))
    const taken = await send()
    assert.equal(taken.status, 200)
    assert.equal(taken.headers.get('dpop-nonce'), undefined)
    state.now += 60_000
    const renewed = await send()
    assert.equal(renewed.status, 200)
    assert.notEqual(renewed.headers.get('dpop-nonce') ?? nonce, nonce)
    state.now += 60_000
    assert.equal((await send()).code, 'dpop_nonce')
  })

  test('is the same for everybody who has the data folder, whose key nobody else may read', async () => {
    const now = () => 1_800_000_000_000
    const nonces = await Promise.all(
      Array.from({ length: 4 }, async () => {
        const route = await createRoute({ options: { nonce: 'required' }, now: () => Date.now() })
        return (await route.sendProof(await prove())).headers.get('dpop-nonce')
      }),
    )
    assert.equal(new Set(nonces).size, 1, `${now()}`)
    assert.equal(statSync(join(folder, 'dpop-nonce.key')).mode & 0o777, 0o600)
  })

  test('of somebody else is not taken', async () => {
    const route = await createRoute({ options: { nonce: 'required' } })
    const refused = await route.sendProof(await prove({ claims: { nonce: 'a'.repeat(32) } }))
    assert.equal(refused.code, 'dpop_nonce')
  })
})

describe('a credential that is bound to no key', () => {
  test('passes, unless the route asks for one that is', async () => {
    const bearer = { authorization: `Bearer ${await signTestToken(iss, key)}` }
    assert.equal((await (await createRoute()).send(bearer)).status, 200)
    const refused = await (await createRoute({ options: { required: true } })).send(bearer)
    assert.deepEqual([refused.status, refused.code], [401, 'dpop_required'])
  })

  test('that is missing is asked for in both ways', async () => {
    const missing = await (await createRoute()).send({})
    assert.deepEqual(
      missing.headers.all('www-authenticate').map((value) => value.split(' ')[0]),
      ['Bearer', 'DPoP'],
    )
  })
})

describe('options', () => {
  const parse = (options: unknown) => parseTestOptions(dpop, options) as DpopOptions

  test('that are unsafe or unknown are refused', () => {
    for (const options of [
      { algorithms: ['HS256'] },
      { algorithms: [] },
      { maxAge: '1h' },
      { origins: ['https://api.example.com/'] },
      { origins: ['api.example.com'] },
      { nonce: 'maybe' },
      { nonsense: true },
    ]) {
      assert.throws(() => parse(options), JSON.stringify(options))
    }
  })

  test('of a route may only ask for more', () => {
    const inherited = parse({ required: true, nonce: 'required', maxAge: '30s' })
    assert.equal(compose(inherited, parse({ required: true, nonce: 'required', maxAge: '10s' })), 'tighter')
    for (const looser of [
      { nonce: 'required', maxAge: '30s' },
      { required: true, maxAge: '30s' },
      { required: true, nonce: 'required', maxAge: '31s' },
      { required: true, nonce: 'required', maxAge: '30s', algorithms: ['ES512'] },
      { required: true, nonce: 'required', maxAge: '30s', origins: ['https://a.example'] },
    ]) {
      assert.equal(compose(inherited, parse(looser)), 'looser', JSON.stringify(looser))
    }
  })
})
