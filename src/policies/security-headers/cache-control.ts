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
  const names = directives.map((directive) => directive.toLowerCase())
  if (names.includes('private') || names.includes('no-store')) return value
  const kept = directives.filter((_, i) => {
    const name = (names[i] as string).split('=', 1)[0]
    return name !== 'public' && name !== 's-maxage' && name !== 'private'
  })
  return ['private', ...kept].join(', ')
}

/** Splits at commas outside of quotes: `no-cache="a, b"` is one directive. */
function splitDirectives(value: string): string[] {
  return (value.match(/(?:[^,"]|"(?:[^"\\]|\\.)*"?)+/g) ?? []).map((part) => part.trim()).filter((part) => part !== '')
}
