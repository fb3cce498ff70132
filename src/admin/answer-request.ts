import type { IncomingMessage } from 'node:http'
import { type Refusal, type Reply, refuse, reply } from '../core/decision.ts'
import { createTokenCheck } from './metrics-token.ts'
import { createHostCheck } from './own-host.ts'
import { createSharedReading } from './shared-reading.ts'

export interface AdminContent {
  /** The host that the listener is bound to, and further names and addresses that requests may ask for. */
  readonly names: readonly string[]
  /** What scrapers must send as `Authorization: Bearer …`. */
  readonly metricsToken: string
  /** The metrics in Prometheus' text format. */
  readonly readMetrics: () => Promise<string>
  /** Whether requests to the API are served. */
  readonly isReady: () => boolean
}

/** What is asked of a request, and so what a test can hand over. */
export type AdminRequest = Pick<IncomingMessage, 'method' | 'url' | 'headers'> & {
  readonly socket: { readonly localAddress?: string | undefined }
}

const metricsLifetimeMs = 1_000
const allow = { headers: [['allow', 'GET, HEAD']] } as const
const challenge = { headers: [['www-authenticate', 'Bearer realm="metrics"']] } as const

/** Makes the one flow of the listener: host, method, path, and for metrics the token. */
export function createAnswerRequest(content: AdminContent): (request: AdminRequest) => Promise<Reply | Refusal> {
  const isOwnHost = createHostCheck(content.names)
  const holdsToken = createTokenCheck(content.metricsToken)
  const readMetrics = createSharedReading(async () => Buffer.from(await content.readMetrics()), metricsLifetimeMs)

  return async ({ method, url = '', headers, socket }) => {
    if (!isOwnHost(headers.host, socket.localAddress)) return refuse('admin_host_unknown', headers.host)
    if (method !== 'GET' && method !== 'HEAD') return refuse('method_not_allowed', method, allow)
    switch (url.split('?', 1)[0]) {
      case '/live':
        return replyText(200, 'live\n')
      case '/ready':
        return content.isReady() ? replyText(200, 'ready\n') : replyText(503, 'not ready\n')
      case '/metrics':
        if (!holdsToken(headers.authorization)) return refuse('metrics_token_wrong', undefined, challenge)
        return reply(200, [['content-type', 'text/plain; version=0.0.4; charset=utf-8']], await readMetrics())
      default:
        return refuse('no_route')
    }
  }
}

function replyText(status: number, text: string): Reply {
  return reply(status, [['content-type', 'text/plain; charset=utf-8']], text)
}
