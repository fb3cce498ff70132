import assert from 'node:assert/strict'
import { createHash, randomBytes, randomUUID } from 'node:crypto'
import { after, before, describe, test } from 'node:test'
import * as oauth from 'oauth4webapi'
import * as client from 'openid-client'
import { type ClientKey, createClientKey, type KeyServer, signAs, startKeyServer } from '../support/client-keys.ts'
import { eventually } from '../support/eventually.ts'
import { createAccount, password, type ServedIdentity, serveIdentity } from '../support/identity.ts'
import { LoginBrowser } from '../support/login-browser.ts'

const alice = { username: 'alice', password }
const redirectUri = 'https://shop.example.test/callback'
const insecure = { [oauth.allowInsecureRequests]: true }
const assertionType = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'

describe('a client that signs', () => {
  let served: ServedIdentity
  let keys: Record<'ec' | 'ed' | 'rsa' | 'other' | 'published', ClientKey>
  let server: KeyServer

  before(async () => {
    keys = {
      ec: await createClientKey('ES256', 'ec'),
      ed: await createClientKey('EdDSA', 'ed'),
      rsa: await createClientKey('PS256', 'rsa'),
      other: await createClientKey('ES256', 'ec'),
      published: await createClientKey('ES256', 'published'),
    }
    server = await startKeyServer([keys.published.jwk])
    const own = JSON.stringify([keys.ec.jwk, keys.ed.jwk, keys.rsa.jwk])
    const redirects = `redirectUris: ['${redirectUri}'], scopes: ['orders:read']`
    served = await serveIdentity({
      workers: 1,
      clients: [
        `{ id: job, grants: [clientCredentials], scopes: ['orders:read'], keys: ${own} }`,
        `{ id: twin, grants: [clientCredentials], scopes: ['orders:read'], keys: ${own} }`,
        `{ id: app, ${redirects}, keys: ${own} }`,
        `{ id: strict, ${redirects}, keys: ${own}, requestObjects: required }`,
        `{ id: far, grants: [clientCredentials], scopes: ['orders:read'], keys: '${server.url}', allowPrivateAddress: { reason: a test }, allowPlainHttp: { reason: a test } }`,
        `{ id: refused, grants: [clientCredentials], keys: '${server.url}', allowPlainHttp: { reason: a test } }`,
      ],
    })
    await createAccount(served.gateway.folder)
  })
  after(async () => {
    await served?.stop()
    server?.stop()
  })

  const discover = (id: string, key: ClientKey) =>
    client.discovery(
      new URL(served.issuer),
      id,
      undefined,
      client.PrivateKeyJwt({ key: key.cryptoKey, kid: key.kid }),
      { execute: [client.allowInsecureRequests] },
    )

  const now = () => Math.floor(Date.now() / 1000)
  const toClaims = (id: string, changes: Record<string, unknown> = {}) => ({
    ...{ iss: id, sub: id, aud: served.issuer, jti: randomUUID(), iat: now(), exp: now() + 60 },
    ...changes,
  })

  async function ask(assertion: string, fields: Record<string, string> = {}) {
    const response = await fetch(`${served.issuer}/token`, {
      method: 'POST',
      body: new URLSearchParams({
        grant_type: 'client_credentials',
        client_assertion_type: assertionType,
        client_assertion: assertion,
        ...fields,
      }),
    })
    return { status: response.status, body: (await response.json()) as Record<string, string> }
  }

  test('discovery says how', async () => {
    const metadata = (await discover('job', keys.ec)).serverMetadata()
    assert.ok(metadata.token_endpoint_auth_methods_supported?.includes('private_key_jwt'))
    const algorithms = ['ES256', 'EdDSA', 'Ed25519', 'PS256']
    assert.deepEqual(metadata.token_endpoint_auth_signing_alg_values_supported, algorithms)
    assert.deepEqual(metadata.request_object_signing_alg_values_supported, algorithms)
    assert.equal(metadata.request_parameter_supported, true)
    assert.equal(metadata.request_uri_parameter_supported, false)
  })

  test('openid-client proves who it is with each kind of key, and the API takes its token', async () => {
    for (const key of [keys.ec, keys.ed, keys.rsa]) {
      const tokens = await client.clientCredentialsGrant(await discover('job', key), { scope: 'orders:read' })
      assert.equal((await served.callApi(`Bearer ${tokens.access_token}`)).status, 200, key.alg)
    }
  })

  test('oauth4webapi proves it too, and revokes what it got', async () => {
    const issuer = new URL(served.issuer)
    const found = await oauth.discoveryRequest(issuer, { algorithm: 'oauth2', ...insecure })
    const as = await oauth.processDiscoveryResponse(issuer, found)
    const job = { client_id: 'job' }
    const proof = oauth.PrivateKeyJwt({ key: keys.ec.cryptoKey, kid: keys.ec.kid })
    const answer = await oauth.clientCredentialsGrantRequest(as, job, proof, { scope: 'orders:read' }, insecure)
    const tokens = await oauth.processClientCredentialsResponse(as, job, answer)
    const revoked = await oauth.revocationRequest(as, job, proof, tokens.access_token, insecure)
    await oauth.processRevocationResponse(revoked)
  })

  test('what is not signed by the client, for us, now and once, proves nothing', async () => {
    const good = await signAs(keys.ec, toClaims('job'))
    assert.equal((await ask(good)).status, 200)
    assert.equal((await ask(good)).status, 401, 'used before')
    const digest = createHash('sha256').update('x').digest()
    const cases: [string, string | Promise<string>][] = [
      ['a key of somebody else', signAs(keys.other, toClaims('job'))],
      ['the token endpoint as audience', signAs(keys.ec, toClaims('job', { aud: `${served.issuer}/token` }))],
      ['several audiences', signAs(keys.ec, toClaims('job', { aud: [served.issuer, 'https://other.example'] }))],
      ['another server', signAs(keys.ec, toClaims('job', { aud: 'https://other.example' }))],
      ['over', signAs(keys.ec, toClaims('job', { exp: now() - 60 }))],
      ['for an hour', signAs(keys.ec, toClaims('job', { exp: now() + 3600 }))],
      ['for ever', signAs(keys.ec, toClaims('job', { exp: undefined }))],
      ['without a number', signAs(keys.ec, toClaims('job', { jti: undefined }))],
      ['with a long one', signAs(keys.ec, toClaims('job', { jti: 'x'.repeat(300) }))],
      ['by another client', signAs(keys.ec, toClaims('job', { iss: 'twin' }))],
      ['not yet', signAs(keys.ec, toClaims('job', { nbf: now() + 300 }))],
      ['a request object', signAs(keys.ec, toClaims('job'), { typ: 'oauth-authz-req+jwt' })],
      ['an access token', signAs(keys.ec, toClaims('job'), { typ: 'at+jwt' })],
      ['nothing', `${toPart({ alg: 'none' })}.${toPart(toClaims('job'))}.`],
      ['a text', 'x.y.z'],
      ['a digest', `${toPart({ alg: 'HS256' })}.${toPart(toClaims('job'))}.${digest.toString('base64url')}`],
    ]
    for (const [name, assertion] of cases) {
      const { status, body } = await ask(await assertion)
      assert.ok(status === 401 || status === 400, `${name}: ${status}`)
      assert.ok(['invalid_client', 'invalid_request'].includes(body.error ?? ''), `${name}: ${body.error}`)
      assert.equal(body.access_token, undefined, name)
    }
  })

  test('one assertion that comes many times at once is taken once', async () => {
    const assertion = await signAs(keys.ec, toClaims('job'))
    const all = await Promise.all(Array.from({ length: 8 }, () => ask(assertion)))
    assert.equal(all.filter(({ status }) => status === 200).length, 1)
  })

  test('a client with keys is not let in by less, and no client by what it has not', async () => {
    const less = [
      { client_id: 'job' },
      { client_id: 'job', client_secret: 'x'.repeat(43) },
      {
        client_id: 'web',
        client_assertion_type: assertionType,
        client_assertion: await signAs(keys.ec, toClaims('web')),
      },
    ]
    for (const fields of less) {
      const body = new URLSearchParams({ grant_type: 'client_credentials', ...fields } as Record<string, string>)
      const { status } = await fetch(`${served.issuer}/token`, { method: 'POST', body })
      assert.equal(status, 401, JSON.stringify(fields))
    }
  })

  test('keys at an address are fetched, by us, and only where they may be', async () => {
    const asked = server.asked
    for (let i = 0; i < 5; i++) assert.equal((await ask(await signAs(keys.published, toClaims('far')))).status, 200)
    assert.equal(server.asked - asked, 1)
    for (let i = 0; i < 5; i++) assert.equal((await ask(await signAs(keys.published, toClaims('refused')))).status, 401)
    assert.equal(server.asked - asked, 1)
    await eventually('the log tells', () => served.gateway.output().includes('client_keys_not_read'))
  })

  const verifier = randomBytes(32).toString('base64url')
  const challenge = createHash('sha256').update(verifier).digest('base64url')
  const toRequest = (id: string, changes: Record<string, unknown> = {}) => ({
    ...{ iss: id, aud: served.issuer, client_id: id, iat: now(), exp: now() + 60, jti: randomUUID() },
    ...{ response_type: 'code', redirect_uri: redirectUri, scope: 'openid orders:read', state: 'signed' },
    ...{ code_challenge: challenge, code_challenge_method: 'S256' },
    ...changes,
  })

  function toAuthorize(parameters: Record<string, string>): string {
    return `${served.issuer}/authorize?${new URLSearchParams(parameters)}`
  }

  test('a signed request leads to a code; what stands beside it does not count', async () => {
    const request = await signAs(keys.ed, toRequest('strict'), { typ: 'oauth-authz-req+jwt' })
    const url = toAuthorize({ client_id: 'strict', request, scope: 'openid orders:write', state: 'unsigned' })
    const end = new URL(await new LoginBrowser().logIn(url, alice))
    assert.equal(end.searchParams.get('state'), 'signed')
    assert.equal(end.searchParams.get('iss'), served.issuer)
    const strict = await discover('strict', keys.ec)
    const tokens = await client.authorizationCodeGrant(strict, end, {
      pkceCodeVerifier: verifier,
      expectedState: 'signed',
    })
    assert.equal((await served.callApi(`Bearer ${tokens.access_token}`)).status, 200)
  })

  test('openid-client signs its request, and pushes it', async () => {
    for (const id of ['app', 'strict']) {
      const found = await discover(id, keys.ec)
      const signing = { key: keys.ec.cryptoKey, kid: keys.ec.kid }
      const parameters = { redirect_uri: redirectUri, scope: 'openid orders:read', state: 'pushed' }
      const proof = { code_challenge: challenge, code_challenge_method: 'S256' }
      const byValue = await client.buildAuthorizationUrlWithJAR(found, { ...parameters, ...proof }, signing)
      assert.ok(new URL(await new LoginBrowser().logIn(byValue.href, alice)).searchParams.has('code'))
      const { request } = Object.fromEntries(byValue.searchParams)
      const pushed = await client.buildAuthorizationUrlWithPAR(found, { request: request as string })
      const end = new URL(await new LoginBrowser().logIn(pushed.href, alice))
      const checks = { pkceCodeVerifier: verifier, expectedState: 'pushed' }
      assert.ok((await client.authorizationCodeGrant(found, end, checks)).access_token)
    }
  })

  test('a request that must be signed is refused without a signature', async () => {
    const plain = Object.fromEntries(
      Object.entries(toRequest('strict')).filter(([name]) => !['iss', 'aud', 'iat', 'exp', 'jti'].includes(name)),
    )
    const response = await fetch(toAuthorize(plain as Record<string, string>), { redirect: 'manual' })
    const told = new URL(response.headers.get('location') as string).searchParams
    assert.equal(told.get('error'), 'invalid_request')
    assert.equal(told.get('iss'), served.issuer)
    const optional = await fetch(toAuthorize({ ...plain, client_id: 'app' } as Record<string, string>), {
      redirect: 'manual',
    })
    assert.match(optional.headers.get('location') ?? '', /\/login\//)
  })

  test('a request that is changed, foreign, old, weakly signed or elsewhere is refused', async () => {
    const good = await signAs(keys.ec, toRequest('app'))
    const [head, , signature] = good.split('.')
    const changed = toPart(toRequest('app', { redirect_uri: 'https://evil.test/' }))
    const rs256 = await createClientKey('RS256', 'rsa')
    const cases: [string, Record<string, string>][] = [
      ['changed', { request: `${head}.${changed}.${signature}` }],
      ['unsigned', { request: `${toPart({ alg: 'none' })}.${toPart(toRequest('app'))}.` }],
      ['by another key', { request: await signAs(keys.other, toRequest('app')) }],
      ['RS256', { request: await signAs(rs256, toRequest('app')) }],
      ['of another client', { request: await signAs(keys.ec, toRequest('strict')) }],
      ['for another server', { request: await signAs(keys.ec, toRequest('app', { aud: 'https://other.example' })) }],
      ['over', { request: await signAs(keys.ec, toRequest('app', { exp: now() - 60 })) }],
      ['for ever', { request: await signAs(keys.ec, toRequest('app', { exp: undefined })) }],
      ['an assertion', { request: await signAs(keys.ec, toRequest('app', { sub: 'app' })) }],
      ['in itself', { request: await signAs(keys.ec, toRequest('app', { request: good })) }],
      ['a text', { request: 'x' }],
      ['at an address', { request_uri: server.url }],
      ['at a made-up place', { request_uri: 'urn:ietf:params:oauth:request_uri:x' }],
    ]
    for (const [name, parameters] of cases) {
      const response = await fetch(toAuthorize({ client_id: 'app', ...parameters }), { redirect: 'manual' })
      const location = response.headers.get('location')
      assert.ok(response.status === 400 || response.status === 303, `${name}: ${response.status}`)
      // Nobody is sent anywhere on the word of a request that proves nothing.
      if (location !== null)
        assert.ok(location.startsWith(redirectUri) && /error=/.test(location), `${name}: ${location}`)
    }
    assert.equal(server.asked, 1)
  })
})

function toPart(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url')
}
