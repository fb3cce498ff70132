import { type Freshness, UpstreamError } from './upstream.ts'

/** Clocks of two servers differ. */
const toleranceMs = 30_000

/** How old a login may be for who asks for it, in seconds; null where nothing is said of it (OpenID Connect Core section 3.1.2.1). */
export function toMaxAge({ max_age: maxAge, prompt }: Readonly<Record<string, unknown>>): number | null {
  if (typeof prompt === 'string' && prompt.split(' ').includes('login')) return 0
  if (maxAge === undefined || maxAge === null || maxAge === '') return null
  const seconds = Number(maxAge)
  return Number.isSafeInteger(seconds) && seconds > 0 ? seconds : 0
}

/** What another server is asked, beside who somebody is. */
export function toParameters(fresh: Freshness | null): Record<string, string> {
  if (fresh === null) return {}
  return { max_age: String(fresh.maxAge), ...(fresh.maxAge === 0 && { prompt: 'login' }) }
}

/** Servers pass over what they do not know: what was asked for counts only where the answer says so. */
export function checkFreshness(fresh: Freshness | null, authenticatedAt: number | null): void {
  if (fresh === null) return
  if (authenticatedAt === null) throw new UpstreamError('stale', 'it did not say when the login was (auth_time)')
  if (authenticatedAt + toleranceMs < fresh.at - fresh.maxAge * 1000)
    throw new UpstreamError('stale', 'the login there is older than was asked for (auth_time)')
}
