import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, before, describe, test } from 'node:test'
import { decodeJwt } from 'jose'
import { runTestExchange } from '../../../test/support/exchange.ts'
import { createTestIssuer, createTestKey, type TestIssuer } from '../../../test/support/issuer.ts'
import { createJwtRoute, toIssuerOptions } from '../../../test/support/jwt-route.ts'
import { identified } from '../../core/decision.ts'
import { definePolicy } from '../../core/policy.ts'
import type { Probe, ProbeTarget } from '../../core/probe.ts'
import { createForger } from './forged-tokens.ts'
import { jwt } from './index.ts'
import { issuersBlock } from './issuer-options.ts'
import { createProbes } from './probes.ts'

const rsa = createTestKey('RS256', 'main-key')
const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
let issuer: TestIssuer
let route: Awaited<ReturnType<typeof createJwtRoute>>

before(async () => {
  issuer = await createTestIssuer(rsa)
  route = await createJwtRoute({ issuers: { main: toIssuerOptions(issuer) } })
})
after(async () => {
  await route.close()
  issuer.close()
})

const goodClaims = () => {
  const now = Math.floor(Date.now() / 1000)
  return { iss: issuer.url, aud: 'shop', sub: 'customer-1', iat: now, exp: now + 300 }
}

describe('an attacker who knows the public key', () => {
  test('cannot use it as the secret of HS256, in any of its spellings', async () => {
    const spki = rsa.publicKey.export({ format: 'pem', type: 'spki' }) as string
    const secrets = [
      spki,
      spki.trim(),
      rsa.publicKey.export({ format: 'pem', type: 'pkcs1' }) as string,
      rsa.publicKey.export({ format: 'der', type: 'spki' }),
      JSON.stringify(rsa.jwk),
      Buffer.from(rsa.jwk.n as string, 'base64url'),
      '',
    ]
    for (const alg of ['HS256', 'HS512', 'hs256', 'RS256']) {
      for (const secret of secrets) {
        const input = `${encode({ alg, kid: 'main-key', typ: 'at+jwt' })}.${encode(goodClaims())}`
        const signature = createHmac(alg === 'HS512' ? 'sha512' : 'sha256', secret)
          .update(input)
          .digest('base64url')
        const { status, code } = await route.sendToken(`${input}.${signature}`)
        assert.equal(status, 401)
        assert.equal(code, alg === 'RS256' ? 'token_signature' : 'token_algorithm')
      }
    }
  })

  test('cannot make a key serve another algorithm than its own', async () => {
    // The key says RS256; a token that its owner signed as PS256 is not what the issuer meant.
    const key = { ...rsa, alg: 'PS256' }
    assert.equal((await route.sendToken(await issuer.sign({}, {}, key))).code, 'token_key_unknown')
  })

  test('cannot change a token, or give its signature another spelling', async () => {
    const token = await issuer.sign()
    assert.equal((await route.sendToken(token)).status, 200)
    const [header = '', claims = '', signature = ''] = token.split('.')
    const admin = encode({ ...decodeJwt(token), roles: ['admin'] })
    assert.equal((await route.sendToken(`${header}.${admin}.${signature}`)).code, 'token_signature')
    assert.equal((await route.sendToken(`${header}.${claims}.`)).code, 'token_malformed')
    assert.equal((await route.sendToken(`${header}.${claims}.${signature}==`)).code, 'token_malformed')
    assert.equal((await route.sendToken(`${header}.${claims}.${'A'.repeat(signature.length)}`)).code, 'token_signature')
    assert.equal((await route.sendToken(`${header}.${claims}.AAAA`)).code, 'token_signature')
    const otherHeader = encode({ alg: 'RS256', kid: 'main-key', typ: 'JWT' })
    assert.equal((await route.sendToken(`${otherHeader}.${claims}.${signature}`)).code, 'token_signature')
  })
})

describe('an attacker with a key of their own', () => {
  test('cannot have it fetched from an address in the token', async () => {
    const forger = createForger()
    let fetched = 0
    const server = createServer((_, response) => {
      fetched++
      response.setHeader('content-type', 'application/json')
      response.end(JSON.stringify({ keys: [{ ...forger.publicJwk, kid: 'main-key' }] }))
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/jwks.json`
    try {
      const x5c = [Buffer.from('certificate').toString('base64')]
      for (const header of [{ jku: url }, { x5u: url }, { jwk: forger.publicJwk }, { x5c }]) {
        for (const kid of ['main-key', 'unknown', url]) {
          const { status } = await route.sendToken(forger.sign({ ...header, kid }, goodClaims()))
          assert.equal(status, 401)
        }
      }
      assert.equal(
        (await route.sendToken(forger.sign({ jku: url }, { ...goodClaims(), iss: url }))).code,
        'token_issuer',
      )
      assert.equal(fetched, 0)
    } finally {
      server.close()
    }
  })

  test('gets no effect from what stands in `kid`', async () => {
    const forger = createForger()
    for (const kid of ['../../../etc/passwd', '__proto__', 'constructor', "' OR 1=1 --", '', '%00', issuer.jwksUrl]) {
      const { status, code } = await route.sendToken(forger.sign({ kid }, goodClaims()))
      assert.deepEqual([status, code], [401, 'token_key_unknown'], kid)
    }
  })

  test('cannot make us fetch keys more than once per cool-down', async () => {
    const forger = createForger()
    const before = issuer.requests.get('/jwks.json') ?? 0
    await Promise.all(
      Array.from({ length: 100 }, (_, i) => route.sendToken(forger.sign({ kid: `random-${i}` }, goodClaims()))),
    )
    assert.ok((issuer.requests.get('/jwks.json') ?? 0) - before <= 1)
  })

  test('gets nowhere with two Authorization fields, however good one of them is', async () => {
    const token = await issuer.sign()
    const good = ['authorization', `Bearer ${token}`] as const
    for (const other of [`Bearer ${token}`, 'Bearer x', 'Basic eDp4', '']) {
      for (const headers of [
        [good, ['authorization', other] as const],
        [['authorization', other] as const, good],
      ]) {
        const { status, code } = await route.send(headers)
        assert.deepEqual([status, code], [401, 'token_repeated'])
      }
    }
  })

  test('sees no difference between reasons, not even in the length of an answer', async () => {
    const forger = createForger()
    const claims = goodClaims()
    const tokens = [
      forger.sign({}, claims),
      forger.sign({ kid: 'main-key', alg: 'RS256' }, claims),
      forger.sign({}, { ...claims, exp: 1 }),
      forger.leaveUnsigned({}, claims),
      'a.b.c',
      'x'.repeat(9000).replace(/^x/, 'a.b.'),
    ]
    const answers = await Promise.all(tokens.map((token) => route.sendToken(token)))
    assert.equal(
      new Set(answers.map(({ status, body, headers }) => JSON.stringify([status, body, headers.flat]))).size,
      1,
    )
  })
})

describe('the probes', () => {
  const target = (): ProbeTarget => ({
    route: route.pipeline.route,
    path: '/orders',
    method: 'GET',
    observe: false,
    block: <T>() => issuersBlock.parse({ main: toIssuerOptions(issuer) }) as T,
  })

  const attacks = () => createProbes({ realm: 'api' }, target()).filter(({ kind }) => kind === 'attack')

  async function judge(probe: Probe, send: (probe: Probe) => ReturnType<typeof route.send>) {
    const { forwarded, status, headers } = await send(probe)
    const { outcome, status: statuses, headers: expected } = probe.expect
    const challenge = expected?.['www-authenticate']
    return (
      (outcome === 'refused') === !forwarded &&
      (statuses?.includes(status) ?? true) &&
      (!(challenge instanceof RegExp) || challenge.test(headers.get('www-authenticate') ?? ''))
    )
  }

  const requestOf = (probe: Probe) => probe.requests[0] ?? assert.fail('a probe without a request')

  test('are refused by the policy, each of them', async () => {
    for (const probe of attacks()) {
      const { headers = [], query = '' } = requestOf(probe)
      assert.ok(await judge(probe, () => route.send(headers, { query })), probe.name)
    }
  })

  test('succeed against a server that believes what a token says of itself', async () => {
    const gullible = definePolicy({
      ...jwt,
      create: () => ({
        identify(exchange) {
          const token = (exchange.headers.get('authorization') ?? exchange.query).split(/[ =]/)[1] ?? ''
          const { sub } = token.split('.').length === 3 ? decodeClaims(token) : {}
          const principal = { id: String(sub), kind: 'user' as const, issuer: '', tenant: null, roles: [], scopes: [] }
          const credential = { policy: 'jwt', id: '' }
          return identified({
            ...principal,
            attributes: {},
            credential,
            assurance: null,
            confirmation: null,
            proofOfPossession: null,
            expiresAt: null,
          })
        },
      }),
    })
    const caught = await Promise.all(
      attacks().map((probe) => {
        const { headers = [], query = '' } = requestOf(probe)
        return judge(probe, () =>
          runTestExchange({ policies: [{ policy: gullible }], route: { authenticated: true }, headers, query }),
        )
      }),
    )
    assert.ok(caught.every((refused) => !refused))
  })

  test('are made without the key of the issuer, and claim what a good token would', () => {
    const forged = attacks().find(({ name }) => name === 'signed with a key of the attacker')
    assert.ok(forged)
    const token = requestOf(forged).headers?.[0]?.[1].slice('Bearer '.length) ?? ''
    assert.deepEqual([decodeJwt(token).iss, decodeJwt(token).aud], [issuer.url, 'shop'])
    assert.equal(requestOf(forged).as, 'none')
  })

  function decodeClaims(token: string): { sub?: unknown } {
    try {
      return JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString())
    } catch {
      return {}
    }
  }
})
