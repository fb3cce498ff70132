import { BoundedCache } from '../core/bounded-cache.ts'
import type { IsPublic } from './ssrf.ts'

export interface HostCheckOptions {
  /** The addresses of a name; rejects where there is none. */
  readonly lookup: (host: string) => Promise<readonly string[]>
  readonly isPublic: IsPublic
  /** Epoch milliseconds. */
  readonly now: () => number
  readonly timeoutMs: number
  readonly ttlMs: number
  readonly maxEntries: number
  /** The most look-ups at once; further ones are not made. */
  readonly maxPending: number
}

/** `unknown`: nobody could say in time. */
export type HostVerdict = 'public' | 'inner' | 'absent' | 'unknown'

interface Known {
  readonly verdict: HostVerdict
  readonly until: number
}

/**
 * Asks where a name leads, because a public name may have a private address. A name can lead elsewhere by the time that
 * the upstream asks (DNS rebinding): this makes that harder and does not replace a check where the URL is fetched.
 */
export function createHostCheck(options: HostCheckOptions): (host: string) => Promise<HostVerdict> {
  const { lookup, isPublic, now, timeoutMs, ttlMs, maxEntries, maxPending } = options
  const known = new BoundedCache<Known>({ maxEntries })
  let pending = 0

  async function ask(host: string): Promise<HostVerdict> {
    pending++
    const asked = lookup(host).finally(() => pending--)
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<null>((resolve) => {
      timer = setTimeout(resolve, timeoutMs, null)
    })
    try {
      const addresses = await Promise.race([asked, late])
      if (addresses === null) return 'unknown'
      return addresses.every(isPublic) ? 'public' : 'inner'
    } catch (error) {
      const code = (error as { code?: string }).code
      return code === 'ENOTFOUND' || code === 'ENODATA' ? 'absent' : 'unknown'
    } finally {
      clearTimeout(timer)
      asked.catch(() => {})
    }
  }

  return async (host) => {
    const remembered = known.get(host)
    if (remembered !== undefined && remembered.until > now()) return remembered.verdict
    if (pending >= maxPending) return 'unknown'
    const verdict = await ask(host)
    if (verdict !== 'unknown') known.set(host, { verdict, until: now() + ttlMs })
    return verdict
  }
}
