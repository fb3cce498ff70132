import type { IncomingMessage } from 'node:http'
import type { Exchange } from '../core/exchange.ts'

/** What frameworks keep of a request's target; `originalUrl` is the whole one. */
type Target = { url?: string; originalUrl?: string }

/** Fields that intake reads apart from the others: those of the connection, which servers need, and those of proxies. */
const kept = new Set([
  ...['host', 'connection', 'keep-alive', 'content-length', 'transfer-encoding', 'te', 'trailer', 'upgrade', 'expect'],
  ...['forwarded', 'x-forwarded-for', 'x-forwarded-proto', 'x-forwarded-host', 'x-forwarded-port'],
  ...['x-forwarded-prefix', 'x-forwarded-server', 'x-forwarded-ssl', 'x-real-ip', 'x-client-ip', 'true-client-ip'],
  'cf-connecting-ip',
])

/**
 * An application gets to see what an upstream would: neither the credentials that policies consumed, wherever they
 * stood, nor fields that intake drops, such as those by which frameworks let a POST pass for a DELETE.
 * @param query as it came
 */
export function hideDropped(request: IncomingMessage, exchange: Exchange, query: string): void {
  hideFields(request, exchange)
  if (exchange.query === query) return
  const target = request as Target
  if (target.url !== undefined) target.url = withQuery(target.url, exchange.query)
  if (target.originalUrl !== undefined) target.originalUrl = withQuery(target.originalUrl, exchange.query)
}

function hideFields({ headers, rawHeaders }: IncomingMessage, exchange: Exchange): void {
  let end = 0
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const field = rawHeaders[i] as string
    const name = field.toLowerCase()
    if (!exchange.headers.has(name) && !kept.has(name) && !name.startsWith(':')) {
      delete headers[name]
      continue
    }
    rawHeaders[end] = field
    rawHeaders[end + 1] = rawHeaders[i + 1] as string
    end += 2
  }
  rawHeaders.length = end
}

function withQuery(target: string, query: string): string {
  const mark = target.indexOf('?')
  const path = mark === -1 ? target : target.slice(0, mark)
  return query === '' ? path : `${path}?${query}`
}
