import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import * as oauth from 'oauth4webapi'
import { createAccount, password, type ServedIdentity, secrets, serveIdentity } from '../support/identity.ts'
import { LoginBrowser } from '../support/login-browser.ts'

const redirectUri = 'https://shop.example.test/callback'
const web: oauth.Client = { client_id: 'web' }
const basic = oauth.ClientSecretBasic(secrets.web)
const insecure = { [oauth.allowInsecureRequests]: true }

let served: ServedIdentity
let server: oauth.AuthorizationServer

before(async () => {
  served = await serveIdentity({ workers: 1 })
  await createAccount(served.gateway.folder)
  const issuer = new URL(served.issuer)
  const response = await oauth.discoveryRequest(issuer, { algorithm: 'oauth2', ...insecure })
  server = await oauth.processDiscoveryResponse(issuer, response)
})
after(() => served?.stop())

test('a client by RFC 8414: pushed request, code, bound tokens, refresh, revocation', async () => {
  const DPoP = oauth.DPoP(web, await oauth.generateKeyPair('ES256', { extractable: false }))
  const options = { DPoP, ...insecure }
  const verifier = oauth.generateRandomCodeVerifier()
  const state = oauth.generateRandomState()
  const parameters = {
    response_type: 'code',
    redirect_uri: redirectUri,
    scope: 'openid offline_access orders:read',
    prompt: 'consent',
    code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
    state,
  }
  const pushed = await oauth.processPushedAuthorizationResponse(
    server,
    web,
    await oauth.pushedAuthorizationRequest(server, web, basic, parameters, options),
  )
  const url = new URL(server.authorization_endpoint as string)
  url.search = new URLSearchParams({ client_id: 'web', request_uri: pushed.request_uri }).toString()
  const end = new URL(await new LoginBrowser().logIn(url.href, { username: 'alice', password }))
  const answer = oauth.validateAuthResponse(server, web, end, state)
  const redeemed = await oauth.authorizationCodeGrantRequest(server, web, basic, answer, redirectUri, verifier, options)
  const tokens = await oauth.processAuthorizationCodeResponse(server, web, redeemed, { requireIdToken: true })
  assert.equal(tokens.token_type, 'dpop')

  const bound = new URL(`${served.origin}/bound`)
  const call = (token: string) => oauth.protectedResourceRequest(token, 'GET', bound, undefined, undefined, options)
  assert.equal((await call(tokens.access_token)).status, 200)
  const renewed = await oauth.processRefreshTokenResponse(
    server,
    web,
    await oauth.refreshTokenGrantRequest(server, web, basic, tokens.refresh_token as string, options),
  )
  assert.equal((await call(renewed.access_token)).status, 200)
  await oauth.processRevocationResponse(
    await oauth.revocationRequest(server, web, basic, renewed.refresh_token as string, insecure),
  )
  await new Promise((resolve) => setTimeout(resolve, 1000))
  await assert.rejects(call(renewed.access_token), oauth.WWWAuthenticateChallengeError)
})
