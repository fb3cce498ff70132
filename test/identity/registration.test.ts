import assert from 'node:assert/strict'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import * as oauth from 'oauth4webapi'
import * as client from 'openid-client'
import { createInvitation } from '../../src/cli/clients/invite.ts'
import { digestSecret } from '../../src/crypto/digest.ts'
import { openAudit } from '../../src/runtime/audited.ts'
import { inviteClients } from '../../src/runtime/registration-store.ts'
import { createClientStore } from '../../src/stores/client-store.ts'
import { openSqliteStore } from '../../src/stores/sqlite/sqlite-store.ts'
import { createClientKey } from '../support/client-keys.ts'
import { createAccount, password, type ServedIdentity, serveIdentity } from '../support/identity.ts'
import { LoginBrowser } from '../support/login-browser.ts'

const alice = { username: 'alice', password }
const redirectUri = 'https://new.example.test/callback'
const insecure = { [oauth.allowInsecureRequests]: true }

describe('a program that registers itself', () => {
  let served: ServedIdentity

  before(async () => {
    served = await serveIdentity({
      identity: `  registration: { scopes: ['orders:read'], grants: [authorizationCode, refreshToken, clientCredentials] }`,
    })
    await createAccount(served.gateway.folder)
  })
  after(() => served?.stop())

  const openStore = () => openSqliteStore({ path: join(served.gateway.folder, 'data', 'portcullis.db') })

  async function invite(uses = 1, lifetimeMs = 60_000): Promise<string> {
    const { text, stored } = createInvitation(uses, lifetimeMs, Date.now())
    const store = await openStore()
    await inviteClients(store.db, 'the test', stored)
    store.close()
    return text
  }

  async function find(id: string) {
    const store = await openStore()
    const [found, events] = [await createClientStore(store.db).find(id), await openAudit(store.db).list({ limit: 500 })]
    store.close()
    return { found, told: events.filter(({ subject }) => subject === id) }
  }

  async function register(invitation: string | null, body: unknown, headers: Record<string, string> = {}) {
    const response = await fetch(`${served.issuer}/register`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        ...(invitation !== null && { authorization: `Bearer ${invitation}` }),
        ...headers,
      },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    })
    return { response, status: response.status, body: (await response.json()) as Record<string, unknown> }
  }

  const people = { redirect_uris: [redirectUri], grant_types: ['authorization_code', 'refresh_token'] }

  test('openid-client registers by what discovery says, and logs a person in', async () => {
    const wish = { ...people, client_name: 'New shop', scope: 'openid orders:read orders:write' }
    const config = await client.dynamicClientRegistration(new URL(served.issuer), wish, undefined, {
      initialAccessToken: await invite(),
      execute: [client.allowInsecureRequests],
    })
    const { client_id: id, client_secret: secret, scope } = config.clientMetadata()
    assert.equal(scope, 'openid profile email offline_access orders:read')
    const { found, told } = await find(id)
    assert.deepEqual(
      found?.secrets.map(({ digest }) => digest),
      [digestSecret(secret as string)],
    )
    assert.ok(!JSON.stringify(found).includes(secret as string))
    const { consent, introspects, roles, registered } = found?.settings ?? {}
    assert.deepEqual([consent, introspects, roles, registered], ['ask', 'own', [], true])
    assert.match(told[0]?.actor ?? '', /^invitation [0-9a-f]{16}$/)
    const verifier = client.randomPKCECodeVerifier()
    const url = client.buildAuthorizationUrl(config, {
      redirect_uri: redirectUri,
      scope: 'openid orders:read',
      code_challenge: await client.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
    })
    const end = new URL(await new LoginBrowser().logIn(url.href, alice))
    const tokens = await client.authorizationCodeGrant(config, end, { pkceCodeVerifier: verifier })
    assert.equal((await served.callApi(`Bearer ${tokens.access_token}`)).status, 200)
  })

  test('oauth4webapi registers a machine that has a key', async () => {
    const issuer = new URL(served.issuer)
    const found = await oauth.discoveryRequest(issuer, { algorithm: 'oauth2', ...insecure })
    const as = await oauth.processDiscoveryResponse(issuer, found)
    const key = await createClientKey('ES256', 'own')
    const metadata = {
      grant_types: ['client_credentials'],
      token_endpoint_auth_method: 'private_key_jwt',
      jwks: { keys: [key.jwk] },
    }
    const options = { initialAccessToken: await invite(), ...insecure }
    const registered = await oauth.processDynamicClientRegistrationResponse(
      await oauth.dynamicClientRegistrationRequest(as, metadata as never, options),
    )
    assert.equal(registered.client_secret, undefined)
    const proof = oauth.PrivateKeyJwt({ key: key.cryptoKey, kid: key.kid })
    const asked = await oauth.clientCredentialsGrantRequest(as, registered, proof, new URLSearchParams(), insecure)
    const tokens = await oauth.processClientCredentialsResponse(as, registered, asked)
    assert.equal(typeof tokens.access_token, 'string')
  })

  test('without an invitation, with one that is made up, over or used up, nobody does', async () => {
    const used = await invite()
    assert.equal((await register(used, people)).status, 201)
    const over = await invite(1, -1000)
    for (const invitation of [null, '', 'pci_made-up', digestSecret(used), used, over, 'x'.repeat(5000)]) {
      const { status, body, response } = await register(invitation, people)
      assert.equal(status, 401, String(invitation).slice(0, 80))
      assert.equal(body.error, 'invalid_token')
      assert.match(response.headers.get('www-authenticate') ?? '', /^Bearer/)
    }
    const other = await invite()
    const basic = { authorization: `Basic ${Buffer.from(`x:${other}`).toString('base64')}` }
    assert.equal((await register(null, people, basic)).status, 401)
  })

  test('of many at once, as many succeed as the invitation has uses', async () => {
    for (const uses of [1, 3]) {
      const invitation = await invite(uses)
      const all = await Promise.all(Array.from({ length: 10 }, () => register(invitation, people)))
      assert.equal(all.filter(({ status }) => status === 201).length, uses)
      assert.equal(all.filter(({ status }) => status === 401).length, 10 - uses)
    }
  })

  test('what the file does not let registered clients have is not had, and an invitation is not used up by it', async () => {
    const invitation = await invite()
    const key = await createClientKey('ES256', 'own')
    const bad: [object | string, string][] = [
      [{ ...people, redirect_uris: ['javascript:alert(1)//'] }, 'invalid_redirect_uri'],
      [{ ...people, redirect_uris: ['data:text/html,x'] }, 'invalid_redirect_uri'],
      [{ ...people, redirect_uris: ['http://new.example.test/callback'] }, 'invalid_redirect_uri'],
      [{ ...people, redirect_uris: ['http://127.0.0.1/callback'] }, 'invalid_redirect_uri'],
      [{ ...people, redirect_uris: ['https://localhost/callback'] }, 'invalid_redirect_uri'],
      [{ ...people, redirect_uris: ['com.example.app:/callback'] }, 'invalid_redirect_uri'],
      [{ ...people, redirect_uris: ['https://*.example.test/callback'] }, 'invalid_redirect_uri'],
      [{ ...people, redirect_uris: ['https://new.example.test/#x'] }, 'invalid_redirect_uri'],
      [{ ...people, redirect_uris: [] }, 'invalid_redirect_uri'],
      [{ ...people, redirect_uris: 'https://new.example.test/callback' }, 'invalid_redirect_uri'],
      [{ ...people, redirect_uris: [7, null] }, 'invalid_redirect_uri'],
      [{ ...people, post_logout_redirect_uris: ['javascript:x'] }, 'invalid_client_metadata'],
      [{ ...people, grant_types: ['implicit'] }, 'invalid_client_metadata'],
      [{ ...people, grant_types: ['password'] }, 'invalid_client_metadata'],
      [{ ...people, grant_types: 'authorization_code' }, 'invalid_client_metadata'],
      [{ ...people, grant_types: ['__proto__', 'constructor'] }, 'invalid_client_metadata'],
      [{ ...people, response_types: ['token'] }, 'invalid_client_metadata'],
      [{ ...people, subject_type: 'pairwise' }, 'invalid_client_metadata'],
      [{ ...people, token_endpoint_auth_method: 'tls_client_auth' }, 'invalid_client_metadata'],
      [{ ...people, token_endpoint_auth_method: 'toString' }, 'invalid_client_metadata'],
      [{ ...people, token_endpoint_auth_method: 'private_key_jwt' }, 'invalid_client_metadata'],
      [{ ...people, token_endpoint_auth_method: 'none', jwks: { keys: [key.jwk] } }, 'invalid_client_metadata'],
      [{ ...people, jwks: { keys: [{ kty: 'oct', k: 'AAAA' }] } }, 'invalid_client_metadata'],
      [{ ...people, jwks_uri: `${served.upstream.url}/jwks.json` }, 'invalid_client_metadata'],
      [{ grant_types: ['client_credentials'], token_endpoint_auth_method: 'none' }, 'invalid_client_metadata'],
      [{ ...people, client_name: 'x'.repeat(101) }, 'invalid_client_metadata'],
      [{ ...people, client_name: 'shop\u202egnp' }, 'invalid_client_metadata'],
      [{ ...people, scope: ['orders:read'] }, 'invalid_client_metadata'],
      ['[]', 'invalid_client_metadata'],
      ['null', 'invalid_client_metadata'],
      ['{"redirect_uris":[],"redirect_uris":[]}', 'invalid_client_metadata'],
      ['not json', 'invalid_client_metadata'],
    ]
    for (const [body, error] of bad) {
      const told = await register(invitation, body)
      assert.equal(told.status, 400, JSON.stringify(body))
      assert.equal(told.body.error, error, JSON.stringify(body))
    }
    const form = await register(invitation, people, { 'content-type': 'text/plain' })
    assert.equal(form.status, 400)
    assert.equal((await register(invitation, people)).status, 201)
  })

  test('nobody makes more of themselves than that, and no address is asked for', async () => {
    const asked = served.upstream.seen.length
    const url = served.upstream.url
    const { status, body } = await register(await invite(), {
      ...people,
      ...{ introspects: 'all', consent: 'given', roles: ['admin'], id: 'web', client_id: 'web', secrets: [] },
      ...{
        client_secret: 'chosen-by-a-stranger-with-32-letters',
        registered: false,
        allowPrivateAddress: { reason: 'x' },
      },
      ...{ scopes: ['orders:write'], redirectUris: ['https://evil.test/'], keys: url, certificate: { uri: 'x' } },
      ...{ logo_uri: `${url}/logo`, sector_identifier_uri: `${url}/sector`, client_uri: url, policy_uri: url },
      ...{ initiate_login_uri: url, request_uris: [url], software_statement: 'x', backchannel_logout_uri: url },
    })
    assert.equal(status, 201)
    assert.notEqual(body.client_id, 'web')
    assert.notEqual(body.client_secret, 'chosen-by-a-stranger-with-32-letters')
    const { found } = await find(body.client_id as string)
    const { consent, introspects, roles, scopes, redirectUris, keys, certificate, ...rest } = found?.settings ?? {}
    assert.deepEqual([consent, introspects, roles, scopes], ['ask', 'own', [], ['orders:read']])
    assert.deepEqual([redirectUris, keys, certificate], [[redirectUri], undefined, undefined])
    assert.equal((rest as Record<string, unknown>).allowPrivateAddress, undefined)
    for (const name of ['logo_uri', 'client_uri', 'introspects', 'roles']) assert.equal(body[name], undefined)
    assert.equal(served.upstream.seen.length, asked)
  })
})

test('without the option there is no such endpoint', async () => {
  const served = await serveIdentity({ workers: 1 })
  try {
    const answer = await fetch(`${served.issuer}/register`, { method: 'POST', body: '{}' })
    assert.equal(answer.status, 404)
    const found = await fetch(`${served.issuer}/.well-known/openid-configuration`)
    assert.equal(((await found.json()) as Record<string, unknown>).registration_endpoint, undefined)
  } finally {
    await served.stop()
  }
})
