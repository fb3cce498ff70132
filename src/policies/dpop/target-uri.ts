import { BoundedCache } from '../../core/bounded-cache.ts'
import { parseTarget } from '../../core/path.ts'

/** What a request was sent to, as far as a proof speaks of it. */
export interface RequestTarget {
  readonly scheme: string
  /** With its port where one was given. */
  readonly host: string
  /** Normalised. */
  readonly path: string
}

/** Whether `htu` of a proof means the URL of a request. */
export type MatchTarget = (htu: string, target: RequestTarget) => boolean

/**
 * Compares after normalisation by RFC 3986 sections 6.2.2 and 6.2.3, without query and fragment (RFC 9449 section 4.3).
 * @param origins those that clients call; null for what the request itself says
 */
export function createTargetMatch(origins: readonly string[] | null): MatchTarget {
  const known = origins === null ? null : new Set(origins)
  const cache = new BoundedCache<string>({ maxEntries: 1000, maxKeyLength: 256 * 1024 })

  function originOf({ scheme, host }: RequestTarget): string {
    const written = `${scheme}://${host}`
    let origin = cache.get(written)
    if (origin === undefined) {
      origin = URL.parse(written)?.origin ?? written
      cache.set(written, origin)
    }
    return origin
  }

  return (htu, target) => {
    // Nearly always it is spelled as we spell it.
    if (known === null && htu === `${target.scheme}://${target.host}${target.path}`) return true
    const url = URL.parse(htu)
    if (url === null || url.username !== '' || url.password !== '') return false
    if (known === null ? url.origin !== originOf(target) : !known.has(url.origin)) return false
    const path = parseTarget(url.pathname)
    return 'path' in path && path.path === target.path
  }
}
