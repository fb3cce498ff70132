import { z } from 'zod'
import { isLoopback } from './loopback.ts'

/** The name of an issuer, which is its address. */
export function issuerAddress() {
  return z
    .string()
    .max(200)
    .superRefine((text, context) => {
      const message = findIssuerProblem(text)
      if (message !== null) context.addIssue({ code: 'custom', message })
    })
}

/** The rest of a URL is no part of a name that is compared character by character (RFC 8414 section 2). */
function findIssuerProblem(text: string): string | null {
  const url = URL.parse(text)
  if (url === null || !/^https?:$/.test(url.protocol)) return 'must be a URL such as https://shop.example.com/identity'
  if (url.username !== '' || url.password !== '') return 'must not hold a user name or password'
  if (url.search !== '' || url.hash !== '' || /[?#]/.test(text)) return 'must not have a query or a fragment'
  if (url.protocol === 'http:' && !isLoopback(url.hostname))
    return 'must begin with https:// (http:// is for loopback only)'
  if (url.pathname !== '/' && url.pathname.endsWith('/')) return 'must not end with a slash'
  if (!/^(\/[A-Za-z0-9._~-]+)*\/?$/.test(url.pathname)) return 'its path may hold letters, digits and . _ ~ - only'
  const written = url.pathname === '/' ? [url.origin, url.href] : [url.href]
  return written.includes(text) ? null : `must be written ${written[0]}`
}
