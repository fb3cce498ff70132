import type { Exchange } from './exchange.ts'

const safe = new Set(['GET', 'HEAD', 'OPTIONS'])

/**
 * Whether a request only asks (RFC 9110 section 9.2.1). A WebSocket handshake is a GET and may do anything afterwards,
 * and `_method` in a query has some frameworks take it for another method; fields that do are dropped by intake.
 */
export function isSafe({ method, upgrade, query }: Pick<Exchange, 'method' | 'upgrade' | 'query'>): boolean {
  return safe.has(method) && upgrade === null && !(query !== '' && namesMethod(query))
}

function namesMethod(query: string): boolean {
  if (!query.includes('_') && !query.includes('%')) return false
  return new URLSearchParams(query).has('_method')
}
