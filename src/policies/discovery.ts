import type { OutboundClient, OutboundRequest } from '../outbound/outbound.ts'
import { OutboundError } from '../outbound/outbound-error.ts'

/**
 * Finds where an issuer publishes its keys or answers for its tokens: OpenID Connect Discovery section 4, else RFC 8414
 * section 3.
 * @returns the address; throws where no document says one
 */
export async function discoverUrl(
  client: OutboundClient,
  issuer: string,
  member: 'jwks_uri' | 'introspection_endpoint',
  request: OutboundRequest,
): Promise<string> {
  const [first, second] = toMetadataUrls(issuer)
  try {
    return readMetadata(issuer, member, await client.json(first, request))
  } catch (error) {
    // Only where the issuer does not know the first address: a fault is not a reason to look elsewhere.
    if (!(error instanceof OutboundError) || error.code !== 'status_unexpected' || error.status >= 500) throw error
    return readMetadata(issuer, member, await client.json(second, request))
  }
}

/** OpenID Connect appends the well-known path to the issuer's, RFC 8414 puts it in front. */
export function toMetadataUrls(issuer: string): readonly [string, string] {
  const url = new URL(issuer)
  const path = url.pathname.replace(/\/$/, '')
  return [
    `${url.origin}${path}/.well-known/openid-configuration`,
    `${url.origin}/.well-known/oauth-authorization-server${path}`,
  ]
}

function readMetadata(issuer: string, member: string, document: unknown): string {
  const metadata = (document ?? {}) as Readonly<Record<string, unknown>>
  // RFC 8414 section 3.3: else one issuer could pass its keys off as another's.
  if (metadata.issuer !== issuer) throw new Error('its metadata name another issuer')
  const url = metadata[member]
  if (typeof url !== 'string') throw new Error(`its metadata name no \`${member}\``)
  return url
}
