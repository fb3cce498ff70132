/** Fields that speak to shared caches alone and would win over `Cache-Control` there (RFC 9213). */
export const sharedCacheFields: readonly string[] = [
  'cdn-cache-control',
  'cloudflare-cdn-cache-control',
  'akamai-cache-control',
  'vercel-cdn-cache-control',
  'netlify-cdn-cache-control',
  'edge-control',
  'surrogate-control',
  'x-accel-expires',
]

/**
 * Keeps shared caches from storing an answer. RFC 9111 section 3.5 does so only for requests with `Authorization`, and
 * not where the answer says `public`; a key in another field or a cookie is not protected at all.
 */
export function toPrivate(value: string): string {
  const directives = splitDirectives(value)
  // A quote without its end is read in as many ways as there are caches.
  if (directives === null) return 'no-store'
  const names = directives.map((directive) => directive.toLowerCase())
  if (names.includes('private') || names.includes('no-store')) return value
  const kept = directives.filter((_, i) => {
    const name = (names[i] as string).split('=', 1)[0]?.trimEnd()
    return name !== 'public' && name !== 's-maxage' && name !== 'private'
  })
  return ['private', ...kept].join(', ')
}

/** Splits at commas outside of quotes: `no-cache="a, b"` is one directive. Null where a quote does not end. */
function splitDirectives(value: string): string[] | null {
  const parts = value.match(/(?:[^,"]|"(?:[^"\\]|\\.)*"?)+/g) ?? []
  if (parts.some((part) => part.replace(/"(?:[^"\\]|\\.)*"/g, '').includes('"'))) return null
  return parts.map((part) => part.trim()).filter((part) => part !== '')
}
