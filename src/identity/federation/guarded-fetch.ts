import type { CustomFetch } from 'openid-client'
import type { OutboundClient } from '../../outbound/outbound.ts'

/** Far more than any answer about one person has. */
const maxBytes = 256 * 1024
const timeoutMs = 5000

/** Lets openid-client ask through our own client, with its guards: no redirect, no address that is not allowed. */
export function createGuardedFetch(outbound: OutboundClient, allowPrivate: boolean): CustomFetch {
  return async (url, { method, headers, body }) => {
    const answer = await outbound.request(url, {
      method: method === 'POST' ? 'POST' : 'GET',
      headers: Object.entries(headers),
      ...(body !== undefined && body !== null && { body: String(body) }),
      allowPrivate,
      // The options allow it on loopback only.
      allowHttp: url.startsWith('http:'),
      maxBytes,
      timeoutMs,
    })
    const empty = answer.status === 204 || answer.status === 205
    return new Response(empty ? null : Buffer.from(answer.body), {
      status: answer.status,
      headers: toPairs(answer.headers.flat),
    })
  }
}

function toPairs(flat: readonly string[]): [string, string][] {
  return flat.flatMap((name, i): [string, string][] => (i % 2 === 0 ? [[name, flat[i + 1] as string]] : []))
}
