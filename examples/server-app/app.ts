import { randomBytes } from 'node:crypto'
import express, { type Request, type Response } from 'express'
import * as client from 'openid-client'

const api = process.env.API ?? 'http://127.0.0.1:8080'
const port = Number(process.env.PORT ?? 5000)
const here = `http://127.0.0.1:${port}`

// Plain HTTP is for this machine only.
const config = await client.discovery(new URL(`${api}/identity`), 'office', process.env.OFFICE_SECRET, undefined, {
  execute: [client.allowInsecureRequests],
})

interface Login {
  readonly name: string
  readonly accessToken: string
  readonly idToken: string
}

// Where an application of several processes would have a store.
const begun = new Map<string, client.AuthorizationCodeGrantChecks>()
const logins = new Map<string, Login>()

const app = express()

app.get('/', (request, response) => {
  const login = logins.get(readSession(request))
  if (login === undefined) response.type('text').send(`Nobody is logged in: ${here}/login\n`)
  else response.type('text').send(`${login.name} is logged in: ${here}/orders ${here}/logout\n`)
})

app.get('/login', async (_request, response) => {
  const verifier = client.randomPKCECodeVerifier()
  const checks = {
    pkceCodeVerifier: verifier,
    expectedState: client.randomState(),
    expectedNonce: client.randomNonce(),
    idTokenExpected: true,
  }
  begun.set(beginSession(response), checks)
  const address = client.buildAuthorizationUrl(config, {
    redirect_uri: `${here}/callback`,
    scope: 'openid profile orders:read',
    code_challenge: await client.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
    state: checks.expectedState,
    nonce: checks.expectedNonce,
  })
  response.redirect(303, address.href)
})

app.get('/callback', async (request, response) => {
  // A login is finished in the browser in which it began, and once.
  const checks = begun.get(readSession(request))
  begun.delete(readSession(request))
  if (checks === undefined) return void response.status(400).type('text').send(`Begin again: ${here}/login\n`)
  const tokens = await client.authorizationCodeGrant(config, new URL(request.originalUrl, here), checks)
  const { preferred_username: name, sub } = await client.fetchUserInfo(
    config,
    tokens.access_token,
    tokens.claims()?.sub ?? '',
  )
  logins.set(beginSession(response), {
    name: name ?? sub,
    accessToken: tokens.access_token,
    idToken: tokens.id_token ?? '',
  })
  response.redirect(303, '/')
})

app.get('/orders', async (request, response) => {
  const login = logins.get(readSession(request))
  if (login === undefined) return void response.redirect(303, '/login')
  const answer = await fetch(`${api}/orders`, { headers: { authorization: `Bearer ${login.accessToken}` } })
  response.type('text').send(`The API answers ${answer.status}.\n`)
})

app.get('/logout', async (request, response) => {
  const login = logins.get(readSession(request))
  logins.delete(readSession(request))
  if (login === undefined) return void response.redirect(303, '/')
  await client.tokenRevocation(config, login.accessToken)
  const end = { id_token_hint: login.idToken, post_logout_redirect_uri: `${here}/` }
  response.redirect(303, client.buildEndSessionUrl(config, end).href)
})

app.listen(port, '127.0.0.1', () => console.log(`Open ${here}/`))

/** Of the browser's cookie; nobody's where there is none. */
function readSession({ headers }: Request): string {
  return /(?:^|; )session=([A-Za-z0-9_-]{43})(?:;|$)/.exec(headers.cookie ?? '')?.[1] ?? ''
}

/** A new one each time, so that nobody can plant one that is logged in later. */
function beginSession(response: Response): string {
  const id = randomBytes(32).toString('base64url')
  response.cookie('session', id, { httpOnly: true, sameSite: 'lax' })
  return id
}
