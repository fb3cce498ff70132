import { timingSafeEqual } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface AdminListenerOptions {
  readonly host: string
  readonly port: number
  /** What scrapers must send as `Authorization: Bearer …`. */
  readonly metricsToken: string
  /** The metrics in Prometheus' text format. */
  readonly readMetrics: () => Promise<string>
  readonly isReady: () => boolean
}

export interface AdminListener {
  readonly url: string
  close(): Promise<void>
}

const securityHeaders = {
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
}

/**
 * The operator's listener: metrics, and whether the gateway is ready. It answers only to names of its own (a page that
 * rebinds a name to this address gets nothing) and shows nothing without its token.
 */
export async function openAdminListener(options: AdminListenerOptions): Promise<AdminListener> {
  const expected = Buffer.from(`Bearer ${options.metricsToken}`)
  const server = createServer(
    { maxHeaderSize: 8 * 1024, headersTimeout: 5_000, requestTimeout: 5_000, keepAliveTimeout: 5_000 },
    (request, response) => {
      answer(request, response, options, expected).catch(() => {
        if (!response.headersSent) send(response, 500, 'text/plain; charset=utf-8', 'the metrics cannot be read\n')
      })
    },
  )
  server.maxConnections = 64
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const reason = error.code === 'EADDRINUSE' ? 'another program listens there' : error.message
      reject(new Error(`cannot listen on ${options.host} port ${options.port} for administration: ${reason}`))
    })
    server.listen(options.port, options.host, resolve)
  })
  const { port } = server.address() as AddressInfo
  return {
    url: `http://${options.host.includes(':') ? `[${options.host}]` : options.host}:${port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  options: AdminListenerOptions,
  expected: Buffer,
): Promise<void> {
  if (!isOwnHost(request.headers.host, options.host)) {
    send(response, 421, 'text/plain; charset=utf-8', 'unknown host\n')
    return
  }
  const path = (request.url ?? '').split('?')[0]
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    response.setHeader('allow', 'GET, HEAD')
    send(response, 405, 'text/plain; charset=utf-8', 'only GET is answered here\n')
  } else if (path === '/ready') {
    const ready = options.isReady()
    send(response, ready ? 200 : 503, 'text/plain; charset=utf-8', ready ? 'ready\n' : 'not ready\n')
  } else if (path !== '/metrics') {
    send(response, 404, 'text/plain; charset=utf-8', 'nothing here; try /metrics or /ready\n')
  } else if (!holdsToken(request.headers.authorization, expected)) {
    response.setHeader('www-authenticate', 'Bearer realm="portcullis"')
    send(response, 401, 'text/plain; charset=utf-8', 'the token stands in metrics.token in the data folder\n')
  } else {
    send(response, 200, 'text/plain; version=0.0.4; charset=utf-8', await options.readMetrics())
  }
}

function send(response: ServerResponse, status: number, type: string, body: string): void {
  response.writeHead(status, { ...securityHeaders, 'content-type': type })
  response.end(body)
}

function holdsToken(header: string | undefined, expected: Buffer): boolean {
  const given = Buffer.from(header ?? '')
  return given.length === expected.length && timingSafeEqual(given, expected)
}

/** Loopback names and the bound address; a public address answers to itself. */
function isOwnHost(header: string | undefined, bound: string): boolean {
  if (header === undefined) return false
  const name = header.toLowerCase().replace(/:\d+$/, '')
  return ['localhost', '127.0.0.1', '[::1]', bound.toLowerCase(), `[${bound.toLowerCase()}]`].includes(name)
}
