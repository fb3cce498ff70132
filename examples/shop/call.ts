import type { IncomingMessage, ServerResponse } from 'node:http'

/** One request as a route's handler sees it. */
export interface Call {
  request: IncomingMessage
  response: ServerResponse
  url: URL
  /** Path parameters: `id` of `/orders/{id}`. */
  params: Record<string, string>
}

export type Handler = (call: Call) => void | Promise<void>

/** Handlers by method and path pattern, such as `GET /orders/{id}`. */
export type Routes = Record<string, Handler>

/** An answer that is not a 2xx and not a bug, such as "no such order". */
export class HttpError extends Error {
  readonly status: number

  constructor(status: number, message: string) {
    super(message)
    this.status = status
  }
}

/** Answers with a JSON body. */
export function sendJson({ response }: Call, status: number, body: unknown): void {
  const text = JSON.stringify(body)
  response.writeHead(status, {
    'content-type': 'application/json; charset=utf-8',
    'content-length': Buffer.byteLength(text),
  })
  response.end(text)
}

/** Reads a JSON body of any size, as a team in a hurry does: the limit is left to what stands in front. */
export async function readJson({ request }: Call): Promise<Record<string, unknown>> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk)
  try {
    return JSON.parse(Buffer.concat(chunks).toString('utf8'))
  } catch {
    throw new HttpError(400, 'The body is not JSON.')
  }
}
