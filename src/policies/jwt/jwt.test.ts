import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { createTestIssuer, createTestKey, type TestIssuer } from '../../../test/support/issuer.ts'
import { createJwtRoute, toIssuerOptions } from '../../../test/support/jwt-route.ts'
import { algorithms } from '../../crypto/tokens/algorithms.ts'
import { compose } from './compose.ts'
import { jwt } from './index.ts'
import { issuersBlock } from './issuer-options.ts'

const rsa = createTestKey('RS256')
let issuer: TestIssuer
const close: (() => unknown)[] = []

async function createRoute(own: Record<string, unknown> = {}, options?: unknown) {
  const route = await createJwtRoute({ issuers: { main: toIssuerOptions(issuer, own) }, options })
  close.push(() => route.close())
  return route
}

before(async () => {
  issuer = await createTestIssuer(rsa)
})
after(async () => {
  for (const each of close) await each()
  issuer.close()
})

describe('a good token', () => {
  test('identifies its caller and is not forwarded', async () => {
    const route = await createRoute({
      rolesClaim: 'realm_access.roles',
      tenantClaim: 'org',
      attributes: ['email', 'no'],
    })
    const exp = Math.floor(Date.now() / 1000) + 60
    const claims = {
      realm_access: { roles: ['customer', 'reviewer'] },
      scope: 'orders:read orders:write',
      org: 'north',
      email: 'a@example.com',
      jti: 'token-1',
      acr: 'urn:mfa',
      auth_time: 1_700_000_000,
      exp,
    }
    const result = await route.sendToken(await issuer.sign(claims))
    assert.equal(result.status, 200)
    assert.equal(result.exchange.headers.has('authorization'), false)
    assert.deepEqual(result.exchange.principal, {
      id: 'customer-1',
      kind: 'user',
      issuer: issuer.url,
      tenant: 'north',
      roles: ['customer', 'reviewer'],
      scopes: ['orders:read', 'orders:write'],
      attributes: { email: 'a@example.com' },
      credential: { policy: 'jwt', id: 'token-1' },
      assurance: 'urn:mfa',
      authenticatedAt: 1_700_000_000_000,
      confirmation: null,
      proofOfPossession: null,
      expiresAt: exp * 1000,
    })
    // The next request gets the same principal.
    assert.ok(Object.isFrozen(result.exchange.principal) && Object.isFrozen(result.exchange.principal?.roles))
  })

  test('is taken with every algorithm that is allowed by default', async () => {
    const route = await createRoute()
    for (const alg of ['RS256', 'PS256', 'ES256', 'EdDSA', 'Ed25519']) {
      const key = createTestKey(alg)
      issuer.publish(key)
      const own = await createRoute()
      assert.equal((await own.sendToken(await issuer.sign())).status, 200, alg)
    }
    issuer.publish(rsa)
    assert.equal((await route.sendToken(await issuer.sign())).status, 200)
  })

  test('is taken with every algorithm that may be allowed, and no other signature is', async () => {
    for (const alg of algorithms) {
      const [key, stranger] = [createTestKey(alg), createTestKey(alg)]
      issuer.publish(key)
      const route = await createRoute({ algorithms: [alg] })
      assert.equal((await route.sendToken(await issuer.sign())).status, 200, alg)
      const forged = await issuer.sign({}, { kid: key.kid }, stranger)
      assert.equal((await route.sendToken(forged)).code, 'token_signature', alg)
    }
    issuer.publish(rsa)
  })

  test('is taken however the scheme is written, and with the types that are allowed', async () => {
    const route = await createRoute()
    const token = await issuer.sign()
    for (const scheme of ['Bearer', 'bearer', 'BEARER', 'Bearer  ']) {
      assert.equal((await route.send({ authorization: `${scheme} ${token}` })).status, 200, scheme)
    }
    assert.equal(route.pipeline.gauges.get('portcullis_jwt_verified_tokens')?.(), 1)
    for (const typ of ['JWT', 'jwt', 'application/at+jwt']) {
      assert.equal((await route.sendToken(await issuer.sign({}, { typ }))).status, 200, typ)
    }
    const lenient = await createRoute({ types: ['absent'] })
    assert.equal((await lenient.sendToken(await issuer.sign({}, { typ: undefined }))).status, 200)
    assert.equal((await lenient.sendToken(await issuer.sign())).code, 'token_type')
  })

  test('of a client without a user is a service', async () => {
    const route = await createRoute()
    for (const claims of [{ client_id: 'customer-1' }, { azp: 'customer-1' }]) {
      assert.equal((await route.sendToken(await issuer.sign(claims))).exchange.principal?.kind, 'service')
    }
    const user = await route.sendToken(await issuer.sign({ client_id: 'app', azp: 'app' }))
    assert.equal(user.exchange.principal?.kind, 'user')
  })

  test('may say its scopes and roles in the usual ways', async () => {
    const route = await createRoute({ rolesClaim: 'https://example.com/roles' })
    const read = async (claims: Record<string, unknown>) => {
      const { principal } = (await route.sendToken(await issuer.sign(claims))).exchange
      return [principal?.roles, principal?.scopes]
    }
    assert.deepEqual(await read({ 'https://example.com/roles': 'admin', scp: ['a', 'b'] }), [['admin'], ['a', 'b']])
    assert.deepEqual(await read({ scp: ' a  b ' }), [[], ['a', 'b']])
    assert.deepEqual(await read({ scope: '', scp: 'a' }), [[], []])
    const listed = await createRoute({ rolesClaim: ['a.b', 'c'], scopesClaim: 'permissions' })
    const result = await listed.sendToken(await issuer.sign({ 'a.b': { c: ['x'] }, permissions: ['y'] }))
    assert.deepEqual([result.exchange.principal?.roles, result.exchange.principal?.scopes], [['x'], ['y']])
  })

  test('without a `jti` is known by a hash', async () => {
    const route = await createRoute()
    const token = await issuer.sign()
    const id = (await route.sendToken(token)).exchange.principal?.credential.id ?? ''
    assert.match(id, /^[\w-]{22}$/)
    assert.ok(!token.includes(id))
  })
})

describe('no token', () => {
  test('is a missing credential, with a challenge and no error', async () => {
    const route = await createRoute({}, { realm: 'shop api' })
    for (const headers of [
      {},
      { authorization: 'Basic dXNlcjpwYXNz' },
      { authorization: 'Bearer ' },
      { authorization: '' },
    ]) {
      const { status, code, headers: fields } = await route.send(headers)
      assert.deepEqual([status, code], [401, 'credential_missing'])
      assert.deepEqual(fields.all('www-authenticate'), ['Bearer realm="shop api"'])
    }
  })

  test('is what an API key in the same field is to this policy', async () => {
    const route = await createRoute()
    for (const key of ['pk_live_0123456789', 'a.b', 'a.b.c.d.e']) {
      assert.equal((await route.sendToken(key)).code, 'credential_missing', key)
    }
  })
})

describe('a token of which something is wrong', () => {
  const now = Math.floor(Date.now() / 1000)
  const cases: [code: string, claims: Record<string, unknown>, header?: Record<string, unknown>][] = [
    ['token_expired', { exp: now - 31 }],
    ['token_not_yet_valid', { nbf: now + 60 }],
    ['token_audience', { aud: 'other' }],
    ['token_issuer', { iss: 'https://other.example.com' }],
    ['token_issuer', { iss: undefined }],
    ['token_claims', { exp: undefined }],
    ['token_claims', { sub: undefined }],
    ['token_claims', { sub: '' }],
    ['token_claims', { sub: 7 }],
    ['token_claims', { sub: 'x'.repeat(513) }],
    ['token_claims', { roles: [1] }],
    ['token_claims', { roles: { admin: true } }],
    ['token_claims', { roles: Array.from({ length: 257 }, (_, i) => `r${i}`) }],
    ['token_claims', { scope: 'x'.repeat(257) }],
    ['token_bound', { cnf: { jkt: 'thumbprint' } }],
    ['token_type', {}, { typ: 'dpop+jwt' }],
    ['token_type', {}, { typ: undefined }],
    ['token_header', {}, { kid: 'x'.repeat(300) }],
    ['token_key_unknown', {}, { kid: 'nobody' }],
  ]

  test('is refused for its own reason, which only the log learns', async () => {
    const route = await createRoute()
    const seen = new Set<string>()
    for (const [code, claims, header] of cases) {
      const result = await route.sendToken(await issuer.sign(claims, header))
      assert.deepEqual([result.status, result.code], [401, code], JSON.stringify([claims, header]).slice(0, 100))
      assert.equal(result.exchange.principal, null)
      assert.equal(result.exchange.decidedBy, 'jwt')
      assert.deepEqual(result.headers.all('www-authenticate'), ['Bearer realm="api", error="invalid_token"'])
      seen.add(result.body)
    }
    assert.equal(seen.size, 1, 'the answers differ')
  })

  test('that has no tenant is refused where a tenant is asked for', async () => {
    const route = await createRoute({ tenantClaim: 'org' })
    assert.equal((await route.sendToken(await issuer.sign())).code, 'token_claims')
    assert.equal((await route.sendToken(await issuer.sign({ org: 'north' }))).status, 200)
  })

  test('that is older than `maxTokenAge` is refused', async () => {
    const route = await createRoute({ maxTokenAge: '10s', clockTolerance: '0s' })
    assert.equal((await route.sendToken(await issuer.sign({ iat: now - 60 }))).code, 'token_too_old')
    assert.equal((await route.sendToken(await issuer.sign({ iat: undefined }))).code, 'token_claims')
    assert.equal((await route.sendToken(await issuer.sign({ iat: now }))).status, 200)
  })
})

describe('several issuers', () => {
  test('each vouches for its own tokens, and a route takes those that it names', async () => {
    const other = await createTestIssuer()
    close.push(() => other.close())
    const issuers = {
      main: toIssuerOptions(issuer),
      admin: toIssuerOptions(issuer, { audience: ['back-office'] }),
      partner: toIssuerOptions(other),
    }
    const all = await createJwtRoute({ issuers })
    const own = await createJwtRoute({ issuers, options: { issuers: ['main'] } })
    close.push(() => all.close(), own.close)
    assert.equal((await all.sendToken(await issuer.sign())).status, 200)
    assert.equal((await all.sendToken(await issuer.sign({ aud: 'back-office' }))).status, 200)
    assert.equal((await all.sendToken(await other.sign())).exchange.principal?.issuer, other.url)
    assert.equal((await all.sendToken(await other.sign({ aud: 'back-office' }))).code, 'token_audience')
    assert.equal((await own.sendToken(await issuer.sign())).status, 200)
    assert.equal((await own.sendToken(await issuer.sign({ aud: 'back-office' }))).code, 'token_audience')
    assert.equal((await own.sendToken(await other.sign())).code, 'token_issuer')
    // One issuer cannot speak for another, however good its signature.
    const posing = await other.sign({ iss: issuer.url })
    assert.equal((await all.sendToken(posing)).code, 'token_key_unknown')
  })
})

describe('configuration', () => {
  const main = { issuer: 'https://login.example.com', audience: 'shop' }
  const parse = (own: Record<string, unknown>) => issuersBlock.safeParse({ main: { ...main, ...own } })

  test('has safe defaults', () => {
    const options = issuersBlock.parse({ main }).main
    assert.deepEqual(options?.algorithms, ['RS256', 'PS256', 'ES256', 'EdDSA', 'Ed25519'])
    assert.deepEqual(options?.types, ['at+jwt', 'jwt'])
    assert.equal(options?.clockTolerance, 30_000)
    assert.equal(options?.allowPrivateAddress, undefined)
  })

  test('that is unsafe, unknown or contradictory is refused', () => {
    const wrong: Record<string, unknown>[] = [
      { algorithms: ['none'] },
      { algorithms: ['HS256'] },
      { algorithms: [] },
      { clockTolerance: '6m' },
      { audience: [] },
      { audience: undefined },
      { issuer: undefined },
      { issuer: 'login' },
      // Its tokens would be API keys of the same owner to whatever reads the principal.
      { issuer: 'portcullis', keys: 'file:keys.json' },
      { issuer: 'certificate', keys: 'file:keys.json' },
      { issuer: 'https://a.example|customer', keys: 'file:keys.json' },
      { issuer: 'http://login.example.com' },
      { jwksUrl: 'http://login.example.com/jwks' },
      { jwksUrl: 'file:///etc/jwks.json' },
      { jwksUrl: 'https://user:hunter2@login.example.com/jwks' },
      { issuer: 'https://user:hunter2@login.example.com/' },
      { jwksUrl: 'https://login.example.com/jwks', keys: 'file:keys.json' },
      { keys: '{"keys":[]}' },
      { allowPrivateAddress: true },
      { allowPlainHttp: { reason: '' } },
      { audiences: 'shop' },
    ]
    for (const own of wrong) {
      const { success, error } = parse(own)
      assert.equal(success, false, JSON.stringify(own))
      assert.doesNotMatch(String(error), /hunter2/)
    }
    assert.equal(parse({ issuer: 'login', keys: 'file:keys.json' }).success, true)
    assert.equal(issuersBlock.safeParse({ portcullis: main }).success, false)
    assert.equal(issuersBlock.safeParse({ main, other: { ...main, audience: ['x', 'shop'] } }).success, false)
    assert.equal(issuersBlock.safeParse({ main, other: { ...main, audience: 'x' } }).success, true)
  })

  test('that names an issuer which is not declared is refused', async () => {
    const block = <T>(): T => issuersBlock.parse({ main }) as T
    const context = { route: (await createRoute()).pipeline.route, block }
    assert.match(jwt.check?.({ issuers: ['mian'], realm: 'api' }, context)[0] ?? '', /"mian".*main/)
    assert.deepEqual(jwt.check?.({ issuers: ['main'], realm: 'api' }, context), [])
    assert.equal(jwt.check?.({ realm: 'api' }, { ...context, block: <T>() => undefined as T }).length, 1)
    await assert.rejects(createJwtRoute({ issuers: { main }, options: { issuers: ['constructor'] } }), /constructor/)
    await assert.rejects(createJwtRoute({ issuers: {} }), /at least one issuer/)
    assert.equal(jwt.options.safeParse({ realm: 'a"b' }).success, false)
  })

  test('warns of switches that make it unsafe', async () => {
    const reason = 'development'
    const block = <T>(): T =>
      issuersBlock.parse({ main: { ...main, allowPlainHttp: { reason } }, other: { ...main, audience: 'x' } }) as T
    const context = { route: (await createRoute()).pipeline.route, block }
    assert.deepEqual(
      jwt.warnings?.({ realm: 'api' }, context).map((warning) => warning.reason),
      [reason],
    )
    assert.deepEqual(jwt.warnings?.({ realm: 'api', issuers: ['other'] }, context), [])
  })

  test('of a route may drop inherited issuers but not add any', () => {
    const of = (...issuers: string[]) => ({ realm: 'api', ...(issuers.length > 0 && { issuers }) })
    assert.equal(compose(of(), of('main')), 'tighter')
    assert.equal(compose(of('main', 'partner'), of('main')), 'tighter')
    assert.equal(compose(of('main'), of('main')), 'tighter')
    assert.equal(compose(of('main'), of('main', 'partner')), 'looser')
    assert.equal(compose(of('main'), of('partner')), 'looser')
    assert.equal(compose(of('main'), of()), 'looser')
    const bound = (value?: 'any' | 'key' | 'certificate') => ({ ...of('main'), ...(value && { bound: value }) })
    for (const [inherited, own] of [
      [undefined, 'any'],
      ['any', 'key'],
      ['any', 'certificate'],
      ['key', 'key'],
    ] as const) {
      assert.equal(compose(bound(inherited), bound(own)), 'tighter')
    }
    for (const [inherited, own] of [
      ['any', undefined],
      ['key', 'any'],
      ['key', 'certificate'],
    ] as const) {
      assert.equal(compose(bound(inherited), bound(own)), 'looser')
    }
  })
})

describe('what an issuer calls things', () => {
  test('is translated: names, prefixes, tenants and attributes from within', async () => {
    const route = await createRoute({
      rolesClaim: 'groups',
      rolesMap: { 'grp-admins': 'admin', everyone: ['customer', 'reader'] },
      rolesPrefix: 'shop-',
      scopesPrefix: 'api://shop/',
      tenantClaim: 'org.id',
      tenantMap: { 17: 'north' },
      attributes: { department: 'org.unit', missing: 'no.where' },
    })
    const claims = {
      groups: ['grp-admins', 'grp-others', 'everyone', 'shop-reviewer', 'shop-reader', 'shop-'],
      scope: 'api://shop/orders:read api://other/orders:write openid',
      org: { id: '17', unit: 'sales' },
    }
    const { exchange } = await route.sendToken(await issuer.sign(claims))
    assert.deepEqual(exchange.principal?.roles, ['admin', 'customer', 'reader', 'reviewer'])
    assert.deepEqual(exchange.principal?.scopes, ['orders:read'])
    assert.equal(exchange.principal?.tenant, 'north')
    assert.deepEqual(exchange.principal?.attributes, { department: 'sales' })
    const elsewhere = await route.sendToken(await issuer.sign({ ...claims, org: { id: '18' } }))
    assert.equal(elsewhere.code, 'token_claims')
  })

  test('means nothing where only a map is given that does not hold it', async () => {
    const route = await createRoute({ rolesMap: { staff: 'admin' } })
    const rolesOf = async (roles: unknown) =>
      (await route.sendToken(await issuer.sign({ roles }))).exchange.principal?.roles
    assert.deepEqual(await rolesOf(['admin', 'staff']), ['admin'])
    assert.deepEqual(await rolesOf(['admin']), [])
    assert.deepEqual(await rolesOf(['__proto__', 'constructor']), [])
  })
})

describe('a token that is bound to a key or a certificate', () => {
  const thumbprint = 'a'.repeat(43)
  const certificate = { raw: new Uint8Array(), thumbprint, trusted: true }

  test('is never a bearer token, cached or not', async () => {
    const route = await createRoute()
    for (const cnf of [{ jkt: thumbprint }, { 'x5t#S256': thumbprint }, { jkt: thumbprint, 'x5t#S256': thumbprint }]) {
      const token = await issuer.sign({ cnf })
      for (let i = 0; i < 2; i++) {
        const refused = await route.sendToken(token)
        assert.deepEqual([refused.status, refused.code], [401, 'credential_bound'], JSON.stringify(cnf))
      }
      const withScheme = await route.send({ authorization: `DPoP ${token}` })
      assert.notEqual(withScheme.code, null, 'without the policy dpop nobody checks proofs')
    }
  })

  test('works with its certificate, and with no other', async () => {
    const route = await createRoute()
    const token = await issuer.sign({ cnf: { 'x5t#S256': thumbprint } })
    const headers = { authorization: `Bearer ${token}` }
    const good = await route.send(headers, { clientCertificate: certificate })
    assert.equal(good.status, 200)
    assert.equal(good.exchange.principal?.proofOfPossession, thumbprint)
    const other = { ...certificate, thumbprint: 'b'.repeat(43) }
    assert.equal((await route.send(headers, { clientCertificate: other })).code, 'credential_bound')
    assert.equal((await route.send(headers)).code, 'credential_bound', 'what was proved once stays proved')
  })

  test('is asked for from the clients that are named', async () => {
    const bound = { cnf: { 'x5t#S256': thumbprint } }
    const verdict = async (boundClients: unknown, claims: Record<string, unknown>) => {
      const route = await createRoute({ boundClients })
      const headers = { authorization: `Bearer ${await issuer.sign(claims)}` }
      return (await route.send(headers, { clientCertificate: certificate })).code
    }
    assert.equal(await verdict(['app'], { client_id: 'app' }), 'token_unbound')
    assert.equal(await verdict(['app'], { azp: 'app' }), 'token_unbound')
    assert.equal(await verdict(['app'], {}), 'token_unbound', 'it may be of that client')
    assert.equal(await verdict(['app'], { client_id: 'other' }), null)
    assert.equal(await verdict(['app'], { client_id: 'app', ...bound }), null)
    assert.equal(await verdict('all', { client_id: 'other' }), 'token_unbound')
  })

  test('with the scheme DPoP is refused where it is bound to no key', async () => {
    const route = await createRoute()
    const refused = await route.send({ authorization: `DPoP ${await issuer.sign()}` })
    assert.deepEqual([refused.status, refused.code], [401, 'token_unbound'])
    assert.match(refused.headers.get('www-authenticate') ?? '', /^DPoP .*error="invalid_token"/)
  })
})
