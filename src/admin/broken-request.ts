import type { Duplex } from 'node:stream'
import { type Refusal, refuse } from '../core/decision.ts'

/** How long a client may take to read that its bytes were no request. */
const lingerMs = 1_000

/**
 * Makes the end of connections on which the parser failed or a time ran out.
 * @param isBusy whether an answer is under way there, which other bytes would spoil
 * @param toAnswer the bytes that say the refusal
 */
export function createBrokenRequestEnd(
  isBusy: (socket: Duplex) => boolean,
  toAnswer: (refusal: Refusal, socket: Duplex) => Buffer,
): (error: NodeJS.ErrnoException, socket: Duplex) => void {
  const ended = new WeakSet<Duplex>()
  return (error, socket) => {
    // The parser fails again with all that it is still fed.
    if (ended.has(socket)) return
    ended.add(socket)
    const refusal = toRefusal(error.code)
    if (refusal === null || !socket.writable || isBusy(socket)) {
      socket.destroy()
      return
    }
    socket.end(toAnswer(refusal, socket))
    setTimeout(() => socket.destroy(), lingerMs).unref()
  }
}

/** Null where there is nobody to answer: a failed handshake, a client that has gone. */
function toRefusal(code = ''): Refusal | null {
  if (code === 'HPE_HEADER_OVERFLOW') return refuse('header_too_large')
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return refuse('request_timeout', 'the header did not arrive in time')
  return code.startsWith('HPE_') ? refuse('malformed_request', code) : null
}
