import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { decodeJwt } from 'jose'
import * as oauth from 'oauth4webapi'
import * as client from 'openid-client'
import { eventually } from '../support/eventually.ts'
import { createAccount, password, type ServedIdentity, secrets, serveIdentity } from '../support/identity.ts'
import { LoginBrowser } from '../support/login-browser.ts'

const grantType = 'urn:ietf:params:oauth:grant-type:token-exchange'
const accessTokenType = 'urn:ietf:params:oauth:token-type:access_token'
const shop = 'https://shop.example.test/'
const stock = 'https://stock.example.test/'
const redirectUri = 'https://shop.example.test/callback'

const identity = `  resources:
    shop: { identifier: '${shop}', scopes: ['orders:read', 'orders:write', 'stock:read'] }
    stock: { identifier: '${stock}', scopes: ['stock:read', 'stock:write'] }`
const clients = [
  `{ id: buyer, secret: env:TEST_WEB_SECRET, scopes: ['orders:read', 'stock:read', 'stock:write'], redirectUris: ['${redirectUri}'], consent: given }`,
  "{ id: shop-api, secret: env:TEST_WEB_SECRET, grants: [tokenExchange, clientCredentials], scopes: ['orders:read', 'stock:read', 'stock:write'] }",
  "{ id: mirror, secret: env:TEST_WEB_SECRET, grants: [tokenExchange], scopes: ['stock:read'], exchanges: impersonate }",
]

interface Answer {
  readonly access_token: string
  readonly issued_token_type: string
  readonly token_type: string
  readonly expires_in: number
  readonly scope?: string
  readonly error?: string
  readonly refresh_token?: string
}

for (const format of ['jwt', 'opaque'] as const) {
  describe(`tokens that are exchanged (${format})`, () => {
    let served: ServedIdentity
    let buyer: client.Configuration
    let api: client.Configuration

    before(async () => {
      served = await serveIdentity({
        workers: 1,
        clients,
        identity: `${identity}\n  accessTokens: { format: ${format} }`,
      })
      await createAccount(served.gateway.folder)
      const discover = (id: string) =>
        client.discovery(new URL(served.issuer), id, undefined, client.ClientSecretBasic(secrets.web), {
          execute: [client.allowInsecureRequests],
        })
      buyer = await discover('buyer')
      api = await discover('shop-api')
    })
    after(() => served?.stop())

    /** The token with which the buyer's program calls the shop for alice. */
    async function logIn(options: { scope?: string; DPoP?: client.DPoPHandle } = {}) {
      const { scope = 'orders:read stock:read', DPoP } = options
      const verifier = client.randomPKCECodeVerifier()
      const url = client.buildAuthorizationUrl(buyer, {
        redirect_uri: redirectUri,
        scope: `openid ${scope}`,
        code_challenge: await client.calculatePKCECodeChallenge(verifier),
        code_challenge_method: 'S256',
      })
      const end = new URL(await new LoginBrowser().logIn(url.href, { username: 'alice', password }))
      const checks = { pkceCodeVerifier: verifier }
      return (await client.authorizationCodeGrant(buyer, end, checks, {}, DPoP ? { DPoP } : {})).access_token
    }

    async function exchange(fields: Record<string, string>, id = 'shop-api', headers: Record<string, string> = {}) {
      const authorization = `Basic ${Buffer.from(`${id}:${secrets.web}`).toString('base64')}`
      const usual = { grant_type: grantType, subject_token_type: accessTokenType, resource: stock }
      const body = new URLSearchParams({ ...usual, ...fields })
      const response = await fetch(`${served.issuer}/token`, {
        method: 'POST',
        headers: { authorization, ...headers },
        body,
      })
      return { status: response.status, body: (await response.json()) as Answer }
    }

    /** What the API that the new token is for finds out about it. */
    async function lookInto(token: string): Promise<Record<string, unknown>> {
      const authorization = `Basic ${Buffer.from(`api:${secrets.web}`).toString('base64')}`
      const body = new URLSearchParams({ token })
      const response = await fetch(`${served.issuer}/introspect`, { method: 'POST', headers: { authorization }, body })
      return (await response.json()) as Record<string, unknown>
    }
    const isActive = async (token: string) => (await lookInto(token)).active === true

    test('an API calls the next one for the same person, with what both may do, and is named', async () => {
      const tokens = (await client.genericGrantRequest(api, grantType, {
        subject_token: await logIn(),
        subject_token_type: accessTokenType,
        resource: stock,
      })) as unknown as Answer
      assert.equal(tokens.issued_token_type, accessTokenType)
      assert.equal(tokens.scope, 'stock:read')
      assert.ok(tokens.expires_in <= 300)
      assert.equal(tokens.refresh_token, undefined)
      const told = await lookInto(tokens.access_token)
      assert.deepEqual(
        [told.active, told.sub, told.aud, told.scope, told.client_id, told.act],
        [true, 'account-alice', stock, 'stock:read', 'shop-api', { sub: 'shop-api' }],
      )
      const { roles } = format === 'jwt' ? decodeJwt(tokens.access_token) : told
      assert.deepEqual(roles, ['customer'])
    })

    test('another library; a resource is named by its name too', async () => {
      const insecure = { [oauth.allowInsecureRequests]: true }
      const issuer = new URL(served.issuer)
      const server = await oauth.processDiscoveryResponse(
        issuer,
        await oauth.discoveryRequest(issuer, { algorithm: 'oauth2', ...insecure }),
      )
      const shopApi = { client_id: 'shop-api' }
      const parameters = { subject_token: await logIn(), subject_token_type: accessTokenType, audience: 'stock' }
      const basic = oauth.ClientSecretBasic(secrets.web)
      const response = await oauth.genericTokenEndpointRequest(server, shopApi, basic, grantType, parameters, insecure)
      const tokens = await oauth.processGenericTokenEndpointResponse(server, shopApi, response)
      assert.equal((await lookInto(tokens.access_token)).aud, stock)
    })

    test('the next one exchanges it again; all who act are named, and the line does not go on for ever', async () => {
      const first = await exchange({ subject_token: await logIn() })
      const second = await exchange({ subject_token: first.body.access_token })
      assert.deepEqual((await lookInto(second.body.access_token)).act, { sub: 'shop-api', act: { sub: 'shop-api' } })
      let last = second
      for (let i = 0; i < 2; i++) last = await exchange({ subject_token: last.body.access_token })
      assert.equal(last.status, 200)
      const over = await exchange({ subject_token: last.body.access_token })
      assert.deepEqual([over.status, over.body.error], [400, 'invalid_request'])
    })

    test('an actor token of its own says who acts; that of somebody else does not', async () => {
      const subject_token = await logIn()
      const own = await client.clientCredentialsGrant(api, { resource: stock })
      const actor = { actor_token: own.access_token, actor_token_type: accessTokenType }
      const { body } = await exchange({ subject_token, ...actor })
      assert.deepEqual((await lookInto(body.access_token)).act, { sub: 'shop-api' })
      const foreign = await exchange({ subject_token, ...actor }, 'mirror')
      assert.deepEqual([foreign.status, foreign.body.error], [400, 'invalid_request'])
      const half = await exchange({ subject_token, actor_token: own.access_token })
      assert.equal(half.body.error, 'invalid_request')
    })

    test('nobody is named only where the client may impersonate', async () => {
      const { body } = await exchange({ subject_token: await logIn() }, 'mirror')
      assert.equal((await lookInto(body.access_token)).act, undefined)
    })

    test('it ends with the grant of the token that it was made of', async () => {
      const subject_token = await logIn()
      const { body } = await exchange({ subject_token })
      assert.equal(await isActive(body.access_token), true)
      const bearer = `Bearer ${(await exchange({ subject_token, resource: shop })).body.access_token}`
      if (format === 'jwt') assert.equal((await served.callApi(bearer)).status, 200)
      await client.tokenRevocation(buyer, subject_token)
      const isRefused = async () => format === 'opaque' || (await served.callApi(bearer)).status === 401
      await eventually('it has ended', async () => !(await isActive(body.access_token)) && (await isRefused()), 1000)
      const again = await exchange({ subject_token })
      assert.deepEqual([again.status, again.body.error], [400, 'invalid_request'])
    })

    test('who was given it ends it alone', async () => {
      const subject_token = await logIn()
      const { body } = await exchange({ subject_token })
      await client.tokenRevocation(api, body.access_token)
      assert.equal(await isActive(body.access_token), false)
      assert.equal(await isActive(subject_token), true)
    })

    test('it does not outlive the token that it was made of', async () => {
      const first = await exchange({ subject_token: await logIn() })
      await new Promise((resolve) => setTimeout(resolve, 2000))
      const second = await exchange({ subject_token: first.body.access_token })
      const [one, two] = [await lookInto(first.body.access_token), await lookInto(second.body.access_token)]
      assert.ok((two.exp as number) <= (one.exp as number))
    })

    test('a bound token is exchanged by who has its key, and by nobody else', async () => {
      const key = await client.randomDPoPKeyPair('ES256')
      const subject_token = await logIn({ DPoP: client.getDPoPHandle(buyer, key) })
      const stolen = await exchange({ subject_token })
      assert.deepEqual([stolen.status, stolen.body.error], [400, 'invalid_request'])
      const parameters = { subject_token, subject_token_type: accessTokenType, resource: stock }
      const otherKey = await client.randomDPoPKeyPair('ES256')
      const wrong = { DPoP: client.getDPoPHandle(api, otherKey) }
      await assert.rejects(client.genericGrantRequest(api, grantType, parameters, wrong), { error: 'invalid_request' })
      const DPoP = client.getDPoPHandle(api, key)
      const tokens = await client.genericGrantRequest(api, grantType, parameters, { DPoP })
      assert.equal(tokens.token_type, 'dpop')
      assert.ok((await lookInto(tokens.access_token)).cnf)
    })

    test('no more scopes than both have, whatever is asked', async () => {
      const subject_token = await logIn()
      const asked = await exchange({ subject_token, scope: 'stock:read stock:write orders:read' })
      assert.equal(asked.body.scope, 'stock:read')
      const nothing = await exchange({ subject_token, scope: 'stock:write' })
      assert.deepEqual([nothing.status, nothing.body.error], [400, 'invalid_scope'])
      const other = await exchange({ subject_token: await logIn({ scope: 'orders:read' }) })
      assert.equal(other.body.error, 'invalid_scope')
    })

    test('what is no good subject is refused, and nobody learns why', async () => {
      const subject_token = await logIn()
      const machine = (await client.clientCredentialsGrant(api, { resource: stock })).access_token
      const flipped = `${subject_token.slice(0, -4)}${subject_token.slice(-4) === 'AAAA' ? 'BBBB' : 'AAAA'}`
      const foreign = 'eyJhbGciOiJub25lIiwidHlwIjoiYXQrand0In0.eyJzdWIiOiJhY2NvdW50LWFsaWNlIn0.'
      for (const bad of [flipped, machine, foreign, 'garbage', 'x'.repeat(20_000)]) {
        const { status, body } = await exchange({ subject_token: bad })
        assert.deepEqual([status, body.error], [400, 'invalid_request'], bad.slice(0, 20))
        assert.equal((body as unknown as Record<string, string>).error_description, 'the subject token is not good')
      }
      const idToken = 'urn:ietf:params:oauth:token-type:id_token'
      for (const fields of [
        { subject_token_type: idToken },
        { requested_token_type: idToken },
        { requested_token_type: 'urn:ietf:params:oauth:token-type:refresh_token' },
        { subject_token_type: '' },
      ]) {
        assert.equal((await exchange({ subject_token, ...fields })).body.error, 'invalid_request')
      }
      for (const fields of [{ resource: 'https://elsewhere.test/' }, { audience: 'shop' }, { audience: 'nowhere' }])
        assert.equal((await exchange({ subject_token, ...fields })).body.error, 'invalid_target')
    })

    test('a client without the grant exchanges nothing', async () => {
      const { status, body } = await exchange({ subject_token: await logIn() }, 'buyer')
      assert.deepEqual([status, body.error], [400, 'invalid_request'])
    })
  })
}
