import type { Exchange } from './exchange.ts'
import { createOriginSet } from './origin.ts'
import { isSameOrigin } from './same-origin.ts'

/** Where a request came from, as far as its browser says. `unknown`: it says nothing, as programs do. */
export type Source =
  | { readonly kind: 'same' }
  | { readonly kind: 'foreign'; readonly detail: string }
  | { readonly kind: 'unknown' }

export interface TrustedSources {
  /** Origins that are trusted as our own, as `parseOrigin` returns them. */
  readonly trustedOrigins: readonly string[]
  /** Whether every host of the same site is. */
  readonly sameSite: boolean
}

export type SourceJudge = (exchange: Pick<Exchange, 'headers' | 'host' | 'scheme'>) => Source

const same: Source = Object.freeze({ kind: 'same' })
const unknown: Source = Object.freeze({ kind: 'unknown' })

/**
 * Tells pages of our own from others (ASVS v5.0.0-3.5.1): by Fetch Metadata, which no page can forge, by `Origin`, and
 * where neither came by `Referer`. What they say must agree.
 */
export function createSourceJudge({ trustedOrigins, sameSite }: TrustedSources): SourceJudge {
  const trusted = createOriginSet(trustedOrigins)

  return (exchange) => {
    const { headers } = exchange
    const site = headers.get('sec-fetch-site')
    const origin = headers.get('origin')
    const isOurs = (text: string) => isSameOrigin(text, exchange) || trusted.includes(text)
    switch (site) {
      case undefined:
        break
      case 'same-origin':
      // The person did it: an address typed in, a bookmark, a form sent again after the browser was restored.
      case 'none':
        // A page that keeps its address to itself (`Referrer-Policy: no-referrer`) sends `null` also to its own origin.
        return origin === undefined || origin === 'null' || isOurs(origin) ? same : foreign('origin', origin)
      case 'same-site':
        if (sameSite && origin !== 'null') return same
        return origin !== undefined && trusted.includes(origin) ? same : foreign('same-site', origin)
      default:
        return origin !== undefined && trusted.includes(origin) ? same : foreign(site, origin)
    }
    if (origin !== undefined) return isOurs(origin) ? same : foreign('origin', origin)
    const referer = headers.get('referer')
    if (referer === undefined) return unknown
    return isOurs(toOrigin(referer)) ? same : foreign('referer', toOrigin(referer))
  }
}

function toOrigin(referer: string): string {
  return URL.parse(referer)?.origin ?? 'null'
}

/** An attacker writes this into our log, so it is cut. */
function foreign(what: string, origin: string | undefined): Source {
  return { kind: 'foreign', detail: `${what.slice(0, 20)} ${JSON.stringify((origin ?? '').slice(0, 200))}` }
}
