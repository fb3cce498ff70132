import type { Exchange } from './exchange.ts'

/** Whether a page of the API's own origin sent the request: browsers send `Origin` there too on unsafe methods. */
export function isSameOrigin(origin: string, { host, scheme }: Pick<Exchange, 'host' | 'scheme'>): boolean {
  // A page that came over HTTPS is believed behind a balancer that ends TLS; one in clear only where we serve clear.
  if (origin.startsWith('https://')) return origin.slice(8) === withoutPort(host, ':443')
  return scheme === 'http' && origin.startsWith('http://') && origin.slice(7) === withoutPort(host, ':80')
}

function withoutPort(host: string, port: string): string {
  return host.endsWith(port) ? host.slice(0, -port.length) : host
}
