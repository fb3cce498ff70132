import type { IncomingMessage } from 'node:http'
import type { Exchange } from '../core/exchange.ts'
import { toFieldName } from '../gateway/known-fields.ts'

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

function hideFields(request: IncomingMessage, exchange: Exchange): void {
  const { rawHeaders } = request
  const { flat } = exchange.headers
  let dropped: string[] | null = null
  // What intake kept stands in the same order, so that a look at the next one is nearly always enough.
  let next = 0
  let end = 0
  const cookie = exchange.headers.get('cookie')
  let seenCookie = false
  let cookieChanged = false
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const field = rawHeaders[i] as string
    const name = toFieldName(field)
    // Of this field a part may be gone, and intake has joined what came in several.
    if (name === 'cookie' && cookie !== undefined) {
      if (seenCookie || rawHeaders[i + 1] !== cookie) {
        dropped ??= []
        cookieChanged = true
      }
      if (seenCookie) continue
      seenCookie = true
      rawHeaders[i + 1] = cookie
    }
    if (name === flat[next]) next += 2
    else if (!kept.has(name) && !exchange.headers.has(name) && !name.startsWith(':')) {
      dropped ??= []
      dropped.push(name)
      continue
    }
    if (end !== i) {
      rawHeaders[end] = field
      rawHeaders[end + 1] = rawHeaders[i + 1] as string
    }
    end += 2
  }
  if (dropped === null) return
  shorten(request, end, dropped)
  if (cookieChanged) request.headers.cookie = cookie
}

/**
 * Node makes `headers` and `headersDistinct` when they are asked for, of as many raw fields as it has counted. Where it
 * is to count again, nothing is made in vain; deleting properties would also make the object slow.
 */
function shorten(request: IncomingMessage, length: number, dropped: readonly string[]): void {
  const { rawHeaders } = request
  rawHeaders.length = length
  if (request.httpVersionMajor === 1) {
    const counted = request as unknown as Record<symbol, number>
    headersCount ??= Object.getOwnPropertySymbols(request).find((symbol) => symbol.description === 'kHeadersCount')
    if (headersCount !== undefined && headersCount in counted) {
      counted[headersCount] = length
      request.headers = undefined as unknown as IncomingMessage['headers']
      return
    }
    request.headersDistinct = toDistinct(rawHeaders)
  }
  for (const name of dropped) delete request.headers[name]
}

let headersCount: symbol | undefined

function toDistinct(flat: readonly string[]): NodeJS.Dict<string[]> {
  const distinct: NodeJS.Dict<string[]> = Object.create(null)
  for (let i = 0; i < flat.length; i += 2) {
    const name = toFieldName(flat[i] as string)
    distinct[name] ??= []
    distinct[name].push(flat[i + 1] as string)
  }
  return distinct
}

function withQuery(target: string, query: string): string {
  const mark = target.indexOf('?')
  const path = mark === -1 ? target : target.slice(0, mark)
  return query === '' ? path : `${path}?${query}`
}
