import type { IncomingMessage } from 'node:http'
import type { Http2ServerRequest } from 'node:http2'
import type { Incoming } from '../gateway/receive.ts'

/**
 * An application's request as intake reads it.
 * @param url the whole target, where a framework has shortened `request.url`
 */
export function toEmbeddedIncoming(request: IncomingMessage, url: string): Incoming {
  const { socket } = request
  // Asking for `headers` makes Node build them.
  const isHttp2 = request.httpVersionMajor === 2
  return {
    method: request.method ?? '',
    url,
    httpVersion: request.httpVersion,
    authority: isHttp2 ? ((request.headers[':authority'] as string | undefined) ?? null) : null,
    rawHeaders:
      isHttp2 && holdsUndeclaredBody(request)
        ? [...request.rawHeaders, 'transfer-encoding', 'chunked']
        : request.rawHeaders,
    encrypted: 'encrypted' in socket,
    peer: socket.remoteAddress ?? '',
    upgradable: false,
  }
}

/** HTTP/2 frames bodies itself; without a declared length the body is of unknown length, as with chunks. */
function holdsUndeclaredBody(request: IncomingMessage): boolean {
  if (request.headers['content-length'] !== undefined) return false
  return !(request as unknown as Http2ServerRequest).stream.endAfterHeaders
}
