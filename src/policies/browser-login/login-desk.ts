import type { PolicyDeps } from '../../core/policy.ts'
import { toStableJson } from '../../core/stable-json.ts'
import type { SecretsOptions } from '../../crypto/master/options.ts'
import { keyRingsPort } from '../../crypto/ring/live-key-ring.ts'
import { outboundPort } from '../../outbound/outbound.ts'
import { ownIssuerPort } from '../../outbound/own-issuer.ts'
import { artefactLookupPort, artefactStorePort } from '../../stores/ports/artefact-store.ts'
import { changeEpochPort } from '../../stores/ports/change-log.ts'
import { sessionStorePort } from '../../stores/ports/session-store.ts'
import { toClaimMapping } from '../claim-mapping.ts'
import { fetchInside, fetchOutside, IssuerClient } from './issuer-client.ts'
import { LoginStates } from './login-state.ts'
import { type BrowserLoginOptions, ownIssuerName } from './options.ts'
import { Refresher } from './refresher.ts'
import type { ToTokens } from './to-tokens.ts'
import { TokenVault } from './token-vault.ts'

/** What the parts of the policy share, one for each worker and set of options. */
export interface LoginDesk {
  readonly client: IssuerClient
  readonly vault: TokenVault
  readonly refresher: Refresher
  readonly states: LoginStates
  readonly mapping: ToTokens
  /** Where browsers find the application. */
  readonly origin: string
  readonly isOwn: boolean
}

export async function openLoginDesk(options: BrowserLoginOptions, deps: PolicyDeps): Promise<LoginDesk> {
  const { block, secret, shared, provide } = deps
  const secrets = block<SecretsOptions>('secrets')
  const opening = shared(`browser-login:ring:${toStableJson(secrets)}`, () =>
    provide(keyRingsPort).open(secrets, secret, 'where-there-is-none'),
  )
  const ring = await opening
  const own = options.issuer === ownIssuerName ? provide(ownIssuerPort) : null
  const text = options.client === undefined ? own?.client.secret : await secret(options.client.secret)
  const { attach: _, ...rest } = options
  const key = `browser-login:${toStableJson({ rest, revision: own?.revision ?? null })}`
  return shared(key, () => {
    const { now, log } = deps
    const issuer = own?.issuer ?? options.issuer
    const client = new IssuerClient({
      issuer,
      client: {
        id: options.client?.id ?? (own?.client.id as string),
        secret: text as string,
        method: options.client?.method ?? 'basic',
      },
      timeoutMs: options.timeout,
      allowHttp: issuer.startsWith('http:'),
      fetch: own === null ? fetchOutside(provide(outboundPort), options) : fetchInside(own),
      signedWith: own === null ? undefined : 'ES256',
      now,
    })
    const vault = new TokenVault({
      store: provide(artefactStorePort),
      lookup: provide(artefactLookupPort),
      ring,
      epoch: provide(changeEpochPort),
      now,
    })
    const mapping = { issuer, isOwn: own !== null, mapping: toClaimMapping(options), tells: options.tells }
    const sessions = provide(sessionStorePort)
    const refresher = new Refresher({ vault, client, sessions, mapping, resource: options.resource, now, log })
    publish(deps, vault, refresher)
    const origin = options.origin ?? new URL(issuer).origin
    return {
      client,
      vault,
      refresher,
      states: new LoginStates(ring, issuer, now),
      mapping,
      origin,
      isOwn: own !== null,
    }
  })
}

function publish({ meter }: PolicyDeps, vault: TokenVault, { counts }: Refresher): void {
  meter.gauge('portcullis_browser_login_cached', 'Tokens of sessions that are remembered', () => vault.size)
  meter.total('portcullis_browser_login_refreshes_total', 'Access tokens that were renewed', () => counts.refreshed)
  meter.total(
    'portcullis_browser_login_refresh_failures_total',
    'Attempts at renewing an access token that failed',
    () => counts.failed,
  )
  meter.total(
    'portcullis_browser_login_ended_total',
    'Sessions that ended with their tokens, logouts apart',
    () => counts.ended,
  )
}
