import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface SeenRequest {
  readonly method: string
  readonly url: string
  readonly rawHeaders: readonly string[]
  readonly body: Buffer
}

export interface TestUpstreamServer {
  readonly url: string
  readonly port: number
  readonly server: Server
  readonly seen: SeenRequest[]
  close(): Promise<void>
}

/** A real server behind the gateway: notes what it gets; answers `answer`, or its own view of the request as JSON. */
export async function startUpstreamServer(
  answer?: (request: IncomingMessage, response: ServerResponse, body: Buffer) => void,
  listener?: RequestListener,
): Promise<TestUpstreamServer> {
  const seen: SeenRequest[] = []
  const collect: RequestListener = (request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const body = Buffer.concat(chunks)
      const { method = '', url = '', rawHeaders } = request
      seen.push({ method, url, rawHeaders, body })
      if (answer !== undefined) answer(request, response, body)
      else {
        response.setHeader('content-type', 'application/json')
        response.end(JSON.stringify({ method, url, headers: request.headers, bytes: body.length }))
      }
    })
  }
  const server = createServer({ requestTimeout: 0 }, listener ?? collect)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    server,
    seen,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
