import type { EndpointTls } from './target-tls.ts'

/** Where a target is and how it is spoken to. */
export interface Endpoint {
  /** `host:port`, as it stands in logs and metrics. */
  readonly label: string
  /** A name, or an address without brackets. */
  readonly hostname: string
  readonly port: number
  /** What is sent as `host`: without the port where that is the scheme's own. */
  readonly authority: string
  readonly tls: EndpointTls | null
}

/** @param url `http://host[:port]` or `https://host[:port]`, as the configuration checked it */
export function toEndpoint(url: string, tls: EndpointTls | null): Endpoint {
  const { hostname, port, host, protocol } = new URL(url)
  const number = port === '' ? (protocol === 'https:' ? 443 : 80) : Number(port)
  return {
    label: `${hostname}:${number}`,
    hostname: hostname.replace(/^\[|\]$/g, ''),
    port: number,
    authority: host,
    tls,
  }
}
