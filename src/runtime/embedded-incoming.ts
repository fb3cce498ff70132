import type { IncomingMessage } from 'node:http'
import type { Http2ServerRequest } from 'node:http2'
import type { Incoming } from '../gateway/receive.ts'

/**
 * An application's request as intake reads it.
 * @param url the whole target, where a framework has shortened `request.url`
 */
export function toEmbeddedIncoming(request: IncomingMessage, url: string): Incoming {
  const { socket } = request
  return {
    method: request.method ?? '',
    url,
    httpVersion: request.httpVersion,
    authority: (request.headers[':authority'] as string | undefined) ?? null,
    rawHeaders: holdsUndeclaredBody(request)
      ? [...request.rawHeaders, 'transfer-encoding', 'chunked']
      : request.rawHeaders,
    encrypted: 'encrypted' in socket,
    peer: socket.remoteAddress ?? '',
    upgradable: false,
  }
}

/** HTTP/2 frames bodies itself; without a declared length the body is of unknown length, as with chunks. */
function holdsUndeclaredBody(request: IncomingMessage): boolean {
  if (request.httpVersionMajor !== 2 || request.headers['content-length'] !== undefined) return false
  return !(request as unknown as Http2ServerRequest).stream.endAfterHeaders
}
