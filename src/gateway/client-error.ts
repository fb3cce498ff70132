import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { type Refusal, refuse } from '../core/decision.ts'
import type { GatewayCarrier } from './carrier.ts'

/** Where an HTTP/1 request keeps its carrier, for the few that turn out broken after their head. */
export const carrierKey = Symbol('carrier')

export type CarriedRequest = IncomingMessage & { [carrierKey]?: GatewayCarrier }

const failed = Symbol('failed')

/** Node has no public names for what its parser and its writer are busy with. */
interface ParsedSocket extends Socket {
  readonly parser?: { readonly incoming?: CarriedRequest | null } | null
  readonly _httpMessage?: ServerResponse | null
  [failed]?: true
}

/**
 * Ends a connection on which the parser has failed: what is under way is answered first, and bytes that never became a
 * request are answered too, so that such clients are limited, logged and counted.
 * @param answer answers on the bare socket and closes it
 */
export function handleClientError(
  error: NodeJS.ErrnoException,
  socket: ParsedSocket,
  answer: (refusal: Refusal) => void,
): void {
  // The parser fails again with all that it is still fed.
  if (socket[failed]) return
  socket[failed] = true
  const request = socket.parser?.incoming ?? null
  const isBusy = socket._httpMessage != null
  if (!socket.writable || isGone(error, isBusy)) socket.destroy()
  else if (isBusy && request !== null) endAfter(request, socket, toRefusal(error))
  else if (isBusy || isSilence(error, socket)) socket.destroy()
  else answer(toRefusal(error))
}

/** Lets the answers under way leave; a request whose body turned out broken is refused. */
function endAfter(request: CarriedRequest, socket: Socket, refusal: Refusal): void {
  const carrier = request[carrierKey]
  if (carrier === undefined) {
    socket.destroy()
    return
  }
  socket.pause()
  carrier.endsConnection = true
  if (!request.complete) carrier.breakBody(refusal)
}

function isGone({ code }: NodeJS.ErrnoException, isBusy: boolean): boolean {
  // The client ended its side in the middle of a request that it is not answered for any more.
  return code === 'ECONNRESET' || code === 'EPIPE' || (isBusy && code === 'HPE_INVALID_EOF_STATE')
}

/** A connection opened ahead of need, as browsers do: it deserves no answer and no line in the log. */
function isSilence(error: NodeJS.ErrnoException, socket: Socket): boolean {
  return error.code === 'ERR_HTTP_REQUEST_TIMEOUT' && socket.bytesRead === 0
}

function toRefusal(error: NodeJS.ErrnoException): Refusal {
  switch (error.code) {
    case 'HPE_HEADER_OVERFLOW':
      return refuse('header_too_large')
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return refuse('request_timeout', 'the header did not arrive in time')
    case 'HPE_INVALID_TRANSFER_ENCODING':
    case 'HPE_INVALID_CONTENT_LENGTH':
    case 'HPE_UNEXPECTED_CONTENT_LENGTH':
      return refuse('request_smuggling', error.code)
    default:
      return refuse('malformed_request', error.code)
  }
}
