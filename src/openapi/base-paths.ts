import { childOf, isPlain, type Plain } from './plain.ts'

/** The path that clients find in front of the document's own paths, and others that its servers name as well. */
export function readBasePaths(document: Plain): { readonly base: string; readonly others: readonly string[] } {
  const servers = Array.isArray(document.servers) ? document.servers : []
  const [base = '', ...others] = [...new Set(servers.flatMap((server) => toBasePath(server) ?? []))]
  return { base, others }
}

/** `https://{region}.example.com/v1/` → `/v1`; null for what is no URL. */
function toBasePath(server: unknown): string | null {
  if (!isPlain(server) || typeof server.url !== 'string') return null
  const variables = childOf(server, 'variables')
  const url = server.url.replace(/\{([^{}]*)\}/g, (_, name: string) => String(childOf(variables, name).default ?? ''))
  const absolute = URL.parse(url, 'http://base.invalid')
  return absolute === null ? null : absolute.pathname.replace(/\/{2,}/g, '/').replace(/\/$/, '')
}

/** Whether a path or an operation is served elsewhere than the rest of the document. */
export function hasOwnServers(item: Plain): boolean {
  return Array.isArray(item.servers) && item.servers.length > 0
}
