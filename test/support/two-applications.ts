import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { findFreePort } from './free-port.ts'
import { LoginBrowser } from './login-browser.ts'
import { startOidcIssuer, type TestOidcIssuer } from './oidc-issuer.ts'
import { navigation, type PlainAnswer, requestPlainly, script } from './raw-request.ts'
import { type ServedGateway, serveGateway } from './served-gateway.ts'
import { startUpstreamServer } from './upstream-server.ts'

/** A browser application on two instances that share a store, and an issuer that is none of ours. */
export interface TwoApplications {
  readonly issuer: TestOidcIssuer
  readonly origins: readonly [string, string]
  readonly gateways: readonly ServedGateway[]
  /** How long access tokens live: so short that tests see them end. */
  readonly lifetimeMs: number
  /** @param atIssuer the same person's browser, as the issuer sees it */
  logIn(to?: string, atIssuer?: LoginBrowser): Promise<LoginBrowser>
  /** @param at which instance */
  call(browser: LoginBrowser, at?: number, path?: string): Promise<PlainAnswer>
  logOut(browser: LoginBrowser): Promise<PlainAnswer>
  /** What came of each refresh that the issuer was asked for. */
  refreshes(): number[]
  stop(): Promise<void>
}

const accessTokenSeconds = 5

/** @param data the store; without it, both use the SQLite file of the first */
export async function serveTwoApplications(data?: string): Promise<TwoApplications> {
  process.env.TEST_MASTER_KEY ??= randomBytes(32).toString('base64')
  const upstream = await startUpstreamServer()
  const origins = [`http://127.0.0.1:${await findFreePort()}`, `http://127.0.0.1:${await findFreePort()}`] as const
  const [origin] = origins
  const issuer = await startOidcIssuer({
    redirectUris: [`${origin}/auth/callback`],
    postLogoutRedirectUris: [`${origin}/`],
    accessTokenSeconds,
    backchannelLogoutUri: `${origin}/auth/backchannel-logout`,
  })
  process.env.TEST_CLIENT_SECRET = issuer.client.secret
  const gateways: ServedGateway[] = []
  for (const at of origins) {
    const [first] = gateways
    const store = data ?? (first === undefined ? undefined : `sqlite:${first.folder}/data/portcullis.db`)
    const lines = store === undefined ? '' : `data: ${store}\n`
    gateways.push(await serveGateway(toFile(at, origin, upstream.url, issuer.issuer) + lines))
  }

  const cookieOf = (browser: LoginBrowser) => `__Host-session=${browser.cookies.get('__Host-session')?.value}`
  return {
    issuer,
    origins,
    gateways,
    lifetimeMs: accessTokenSeconds * 1000,
    // From origin to origin, as a browser goes; cookies of the one are none of the other.
    async logIn(to = '/api/orders', atIssuer = new LoginBrowser()) {
      const browser = new LoginBrowser()
      const begun = await browser.request(`${origin}/auth/login?to=${encodeURIComponent(to)}`)
      const back = await atIssuer.follow(begun.headers.get('location') as string)
      const end = await browser.follow(back.url)
      assert.equal(end.url, origin + to, await end.response.text())
      return browser
    },
    call: (browser, at = 0, path = '/api/orders') =>
      requestPlainly(`${origins[at]}${path}`, { ...script, cookie: cookieOf(browser) }),
    logOut: (browser) => {
      const own = { 'sec-fetch-site': 'same-origin', origin, cookie: cookieOf(browser) }
      return requestPlainly(`${origin}/auth/logout`, { ...navigation, ...own }, 'POST')
    },
    refreshes: () => issuer.asked.filter(({ grant }) => grant === 'refresh_token').map(({ status }) => status),
    async stop() {
      for (const gateway of gateways.toReversed()) await gateway.stop()
      await upstream.close()
      await issuer.close()
    },
  }
}

function toFile(at: string, origin: string, upstream: string, issuer: string): string {
  return `version: 1
listen: { http: { host: 127.0.0.1, port: ${new URL(at).port}, serve: true, reason: a test } }
server: { workers: 2 }
upstreams: { api: { targets: ['${upstream}'] } }
secrets: { master: { key: env:TEST_MASTER_KEY } }
sessions: { unsafePlainHttp: { reason: a test } }
defaults:
  rateLimit: { limit: 100000/min, per: ip }
  browserLogin:
    issuer: ${issuer}
    client: { id: portcullis, secret: env:TEST_CLIENT_SECRET }
    origin: ${origin}
    scopes: [email]
    rolesClaim: groups
    rolesMap: { buyers: customer }
    allowPlainHttp: { reason: a test }
    allowPrivateAddress: { reason: a test }
routes:
  - { path: '/api/{path*}', upstream: api, authenticate: [browserLogin], authorize: { roles: [customer] } }
`
}
