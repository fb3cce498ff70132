import { isLoopback } from '../loopback.ts'

/** What is wrong with an address that codes are sent to (RFC 9700 section 4.1, RFC 8252); null where nothing is. */
export function findRedirectProblem(text: string): string | null {
  const url = URL.parse(text)
  if (url === null) return 'must be a URL such as https://app.example.com/callback'
  if (text.includes('#')) return 'must not have a fragment'
  if (text.includes('*')) return 'must be exact: there are no wildcards'
  if (url.username !== '' || url.password !== '') return 'must not hold a user name or password'
  switch (url.protocol) {
    case 'https:':
      return null
    case 'http:':
      return isLoopback(url.hostname) ? null : 'must begin with https:// (http:// is for loopback only)'
    default:
      // `com.example.app:/callback`: a name that its owner can claim, which `javascript:` and `data:` are not.
      return url.protocol.includes('.')
        ? null
        : 'a scheme of its own must be a reversed domain, such as com.example.app:/'
  }
}

/** Whether an app on the person's own machine waits there. */
export function isNative(uris: readonly string[]): boolean {
  return uris.some((uri) => {
    const url = URL.parse(uri)
    return url !== null && url.protocol !== 'https:'
  })
}

/** Whether it is an address of a site, which nobody else on the person's machine can be. */
export function isPlainHttps(uri: string): boolean {
  const url = URL.parse(uri)
  return url !== null && url.protocol === 'https:' && !isLoopback(url.hostname)
}
