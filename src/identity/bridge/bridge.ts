import type { IncomingMessage, ServerResponse } from 'node:http'
import { type Refusal, type Reply, reply } from '../../core/decision.ts'
import type { Exchange } from '../../core/exchange.ts'
import { BridgedRequest, type BridgedTarget } from './bridged-request.ts'
import { BridgedResponse } from './bridged-response.ts'

/** What an application made for Node's server is called with. */
export type NodeHandler = (request: IncomingMessage, response: ServerResponse) => unknown

/** More than any request or answer of OAuth has. */
const maxRequestBytes = 56 * 1024
const maxAnswerBytes = 256 * 1024

/**
 * Lets an application answer an exchange that was made for Node's request and response. There are no sockets: the
 * exchange came by HTTP/1.1, by HTTP/2 or through an application that Portcullis is embedded in, and every stage applies
 * to it as to any other.
 *
 * @param replace gives the application another body than came
 */
export async function bridge(
  exchange: Exchange,
  target: BridgedTarget,
  handler: NodeHandler,
  replace: (body: Uint8Array) => Uint8Array | Promise<Uint8Array> = (body) => body,
): Promise<Reply | Refusal> {
  const collected = await exchange.body.collect(maxRequestBytes)
  if ('kind' in collected) return collected
  const request = new BridgedRequest(exchange, target, await replace(collected))
  const response = new BridgedResponse(maxAnswerBytes)
  await handler(request as unknown as IncomingMessage, response as unknown as ServerResponse)
  if (!response.finished) throw new Error('the application did not answer')
  return reply(response.statusCode, response.pairs, response.body)
}
