import { randomBytes } from 'node:crypto'
import type { Reply } from '../../core/decision.ts'
import type { Exchange } from '../../core/exchange.ts'
import { digestSecret } from '../../crypto/digest.ts'
import { outboundPort } from '../../outbound/outbound.ts'
import { accountLookupPort } from '../../stores/ports/account-store.ts'
import { artefactLookupPort, artefactStorePort } from '../../stores/ports/artefact-store.ts'
import { connectionLookupPort, connectionStorePort } from '../../stores/ports/connection-store.ts'
import type { SealedPayloads } from '../artefacts/sealed-payloads.ts'
import { createBrowserCookie } from '../browser-cookie.ts'
import type { IdentityDeps } from '../deps.ts'
import { toMount, withPath } from '../endpoints.ts'
import type { IdentityOptions } from '../options.ts'
import type { Look } from '../pages/look.ts'
import { replyPage } from '../pages/send-page.ts'
import { createUpstreams } from './create-upstreams.ts'
import { toConnection } from './decide-account.ts'
import { createGoOnPage } from './go-on-page.ts'
import { createTrips, type Purpose, tripMs } from './trips.ts'
import { type Upstream, UpstreamError } from './upstream.ts'

export type Federation = Awaited<ReturnType<typeof openFederation>>

const random = () => randomBytes(32).toString('base64url')

/** Logins at other servers. Rejects where a secret of one of them cannot be read. */
export async function openFederation(options: IdentityOptions, deps: IdentityDeps, payloads: SealedPayloads) {
  const { issuer, tenant = null, providers = {}, signUp } = options
  const { provide, secret, now, log } = deps
  const upstreams = await createUpstreams(providers, { outbound: provide(outboundPort), secret, now })
  const cookie = createBrowserCookie(options, 'with', tripMs / 1000)
  const trips = createTrips({
    store: provide(artefactStorePort),
    lookup: provide(artefactLookupPort),
    payloads,
    now,
  })
  const decide = {
    ...{ tenant, signUp: signUp === 'open', now },
    accounts: provide(accountLookupPort),
    lookup: provide(connectionLookupPort),
    store: provide(connectionStorePort),
  }
  const toRedirectUri = (name: string) => `${issuer.replace(/\/$/, '')}${withPath}/${name}/callback`

  return {
    upstreams,
    mount: toMount(issuer).mount,
    cookie,
    trips,
    decide,
    toRedirectUri,
    log,

    /**
     * Sends a browser to another server. By a page that leads there at once: what may follow the form that was sent,
     * browsers would judge by the policy of the page before it. Rejects with an `UpstreamError`.
     * @param maxAge how old the login there may be, in seconds; null: that is all one
     */
    async depart(
      exchange: Exchange,
      look: Look,
      upstream: Upstream,
      purpose: Purpose,
      maxAge: number | null = null,
    ): Promise<Reply> {
      if (maxAge !== null && !upstream.tellsTime) throw new UpstreamError('stale', 'it does not say when a login was')
      const fresh = maxAge === null ? null : { maxAge, at: now() }
      const browser = cookie.read(exchange) ?? cookie.create()
      const [state, nonce, verifier] = [random(), random(), random()]
      const redirectUri = toRedirectUri(upstream.name)
      const url = await upstream.begin({ state, nonce, verifier, redirectUri, fresh })
      const trip = { purpose, provider: upstream.name, browser: digestSecret(browser), nonce, verifier, fresh }
      await trips.keep('UpstreamDeparted', state, trip, purpose.kind === 'connect' ? purpose.accountId : null)
      const page = replyPage(200, look, createGoOnPage(look.texts, upstream.label, url.href))
      const headers = [
        ...page.headers,
        ['refresh', `0;url=${url.href}`],
        ['set-cookie', cookie.toField(browser)],
      ] as const
      return { ...page, headers }
    },

    /** Somebody who wanted to connect an identity has logged in to the account that it belongs to. */
    async confirm(uid: string, accountId: string): Promise<void> {
      const waiting = await trips.take('UpstreamWaiting', uid, (one) => one.accountId === accountId)
      if (waiting === null) return
      const { provider } = waiting
      const result = await decide.store.connect(toConnection(waiting, accountId, decide))
      log.info('account_connected', { provider, result, account: accountId })
    },
  }
}
