import assert from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'
import { decodeJwt } from 'jose'
import { callback, type ServedIdentity } from './identity.ts'
import { LoginBrowser } from './login-browser.ts'

const verifier = randomBytes(32).toString('base64url')
const challenge = createHash('sha256').update(verifier).digest('base64url')

/** Where a client sends people, and where it ends. */
export function toAuthorize(issuer: string, changes: Record<string, string> = {}): string {
  return `${issuer}/authorize?${new URLSearchParams({
    client_id: 'cli',
    response_type: 'code',
    scope: 'openid profile orders:read',
    redirect_uri: callback,
    code_challenge: challenge,
    code_challenge_method: 'S256',
    ...changes,
  })}`
}

/** Somebody who has pressed the button, has been at the other server, and is about to come back. */
export interface OnTheWay {
  /** The page of the login. */
  readonly login: string
  /** Where they were sent. */
  readonly there: URL
  /** Where that server sends them back to. */
  readonly back: string
  /** The page there, where they are to do something first. */
  readonly page: string
}

/** @param upstream the same browser at the other server's host, with the cookies of that */
export async function goWith(
  browser: LoginBrowser,
  issuer: string,
  provider: string,
  upstream = new LoginBrowser(),
): Promise<OnTheWay> {
  const login = await browser.follow(toAuthorize(issuer))
  const there = await pressButton(browser, login.url, provider)
  const { url: back, response } = await upstream.follow(there.href)
  return { login: login.url, there, back, page: await response.text() }
}

export async function pressButton(browser: LoginBrowser, login: string, provider: string): Promise<URL> {
  return readWayThere((await browser.submit(`${login}/with/${provider}`, {})).response)
}

export async function readWayThere(response: Response): Promise<URL> {
  const refresh = response.headers.get('refresh') ?? ''
  assert.match(refresh, /^0;url=/, await response.text())
  return new URL(refresh.slice('0;url='.length))
}

/** Logs in through another server, and answers what the client gets. */
export async function logInWith(browser: LoginBrowser, issuer: string, provider: string) {
  const { back } = await goWith(browser, issuer, provider)
  return redeemAt(browser, issuer, await browser.follow(back))
}

/** Agrees where it is asked to, and answers what the client gets; fails where there is no code. */
export async function redeemAt(browser: LoginBrowser, issuer: string, end: { url: string; response: Response }) {
  const asks = end.response.status === 200 && (await end.response.clone().text()).includes('/consent"')
  const { url, response } = asks ? await browser.submit(`${end.url}/consent`, {}) : end
  const code = new URL(url).searchParams.get('code')
  assert.ok(code !== null, `${url}: ${toPlain(await response.text())}`)
  const body = {
    grant_type: 'authorization_code',
    client_id: 'cli',
    code,
    redirect_uri: callback,
    code_verifier: verifier,
  }
  const answer = await fetch(`${issuer}/token`, { method: 'POST', body: new URLSearchParams(body) })
  const tokens = (await answer.json()) as { access_token: string; id_token: string }
  const { roles } = decodeJwt(tokens.access_token)
  const { sub, preferred_username: username, auth_time: authTime } = decodeJwt(tokens.id_token)
  return {
    accountId: sub as string,
    username: username as string,
    roles: roles as string[],
    authTime: authTime as number | undefined,
  }
}

/** The words of a page. */
export function toPlain(page: string): string {
  return page
    .replace(/<style>.*?<\/style>/s, '')
    .replace(/<[^>]*>/g, ' ')
    .replace(/\s+/g, ' ')
}

export async function listAccounts({ gateway }: ServedIdentity) {
  const { openSqliteStore } = await import('../../src/stores/sqlite/sqlite-store.ts')
  const store = await openSqliteStore({ path: `${gateway.folder}/data/portcullis.db` })
  try {
    return await store.accounts.list({ limit: 100 })
  } finally {
    store.close()
  }
}
