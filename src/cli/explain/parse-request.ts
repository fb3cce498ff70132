import { InvalidArgumentError } from 'commander'
import { parseAddress } from '../../core/address.ts'
import type { Incoming } from '../../gateway/receive.ts'

const token = /^[A-Za-z0-9!#$%&'*+.^_`|~-]+$/

export function parseMethod(text: string): string {
  if (!token.test(text)) throw new InvalidArgumentError('It is not a method such as GET.')
  return text.toUpperCase()
}

/** `https://api.example.com/orders/1?x=1`, or a path alone, which is asked of `localhost`. */
export function parseUrl(text: string): {
  readonly encrypted: boolean
  readonly host: string
  readonly target: string
} {
  if (text.startsWith('/')) return { encrypted: true, host: 'localhost', target: text }
  // Not `new URL()`: it would tidy up the very paths that are of interest here.
  const match = /^(https?):\/\/([^/?#@]+)([/?][^#]*)?$/i.exec(text)
  if (match === null) throw new InvalidArgumentError('It is not a URL such as https://api.example.com/orders/1.')
  const [, scheme = '', host = '', rest = '/'] = match
  return {
    encrypted: scheme.toLowerCase() === 'https',
    host: host.toLowerCase(),
    target: rest.startsWith('/') ? rest : `/${rest}`,
  }
}

/** Collects `-H 'Name: value'`. */
export function parseHeader(text: string, before: readonly string[] = []): readonly string[] {
  const colon = text.indexOf(':')
  const name = text.slice(0, Math.max(colon, 0))
  if (!token.test(name) || /[\0\r\n]/.test(text)) {
    throw new InvalidArgumentError("It is not a header field such as 'Accept: text/html'.")
  }
  return [...before, name, text.slice(colon + 1).trim()]
}

export function parseClient(text: string): string {
  if (parseAddress(text) === null) throw new InvalidArgumentError('It is not an address.')
  return text
}

/** The request as a server would hand it over. */
export function toIncoming(
  method: string,
  url: ReturnType<typeof parseUrl>,
  headers: readonly string[],
  client: string,
): Incoming {
  const hasHost = headers.some((text, i) => i % 2 === 0 && text.toLowerCase() === 'host')
  return {
    method,
    url: url.target,
    httpVersion: '1.1',
    authority: null,
    rawHeaders: hasHost ? headers : ['Host', url.host, ...headers],
    encrypted: url.encrypted,
    peer: client,
    upgradable: true,
  }
}
