import type { Exchange } from '../core/exchange.ts'

/**
 * The fields that the upstream gets: the client's end-to-end ones without what policies consumed, then what policies
 * add, then who the client is. Forwarding fields from outside were dropped by intake, so these are the only ones.
 */
export function toUpstreamFields(exchange: Exchange, preserveHost: boolean, takesTrailers: boolean): string[] {
  const { client, host, scheme } = exchange
  const fields = exchange.headers.flat.slice()
  if (preserveHost) fields.push('host', host)
  if (exchange.upstreamFields.length > 0) fields.push(...exchange.upstreamFields)
  const chain =
    client.peer === client.address || client.peer.endsWith(`:${client.address}`)
      ? client.address
      : `${client.address}, ${client.peer}`
  fields.push(
    'x-forwarded-for',
    chain,
    'x-forwarded-host',
    host,
    'x-forwarded-proto',
    scheme,
    'forwarded',
    `for=${quoteNode(client.address)};host="${host}";proto=${scheme}`,
    'x-request-id',
    exchange.id,
  )
  if (takesTrailers) fields.push('te', 'trailers')
  return fields
}

/** RFC 7239 section 6: an IPv6 address stands in brackets and quotes. */
function quoteNode(address: string): string {
  return address.includes(':') ? `"[${address}]"` : address
}
