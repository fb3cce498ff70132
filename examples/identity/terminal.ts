import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import * as client from 'openid-client'

const api = process.env.API ?? 'http://127.0.0.1:8080'

// Everything else is found out at the issuer. Plain HTTP is for this machine only.
const config = await client.discovery(new URL(`${api}/identity`), 'terminal', undefined, client.None(), {
  execute: [client.allowInsecureRequests],
})

// The browser comes back to a port that happens to be free (RFC 8252 section 7.3).
const server = createServer()
server.listen(0, '127.0.0.1')
await once(server, 'listening')
const redirectUri = `http://127.0.0.1:${(server.address() as AddressInfo).port}/callback`
const verifier = client.randomPKCECodeVerifier()
const state = client.randomState()
const address = client.buildAuthorizationUrl(config, {
  redirect_uri: redirectUri,
  scope: 'orders:read',
  code_challenge: await client.calculatePKCECodeChallenge(verifier),
  code_challenge_method: 'S256',
  state,
})
console.log(`Log in here: ${address}`)

const [request, response] = await once(server, 'request')
response.end('Go back to the terminal.')
server.close()
server.closeAllConnections()

const checks = { pkceCodeVerifier: verifier, expectedState: state }
const tokens = await client.authorizationCodeGrant(config, new URL(request.url, redirectUri), checks)
const answer = await fetch(`${api}/orders`, { headers: { authorization: `Bearer ${tokens.access_token}` } })
console.log(`The API answers ${answer.status}.`)
