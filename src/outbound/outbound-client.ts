import { lookup } from 'node:dns/promises'
import { Agent, type Dispatcher } from 'undici'
import { Fields } from '../core/fields.ts'
import { createGuardedConnector, type Resolve } from './guarded-connector.ts'
import type { OutboundClient, OutboundRequest, OutboundResponse } from './outbound.ts'
import { OutboundError } from './outbound-error.ts'
import { parseJsonResponse } from './parse-json-response.ts'

export interface OutboundClientOptions {
  /** Default 3000. */
  readonly connectTimeoutMs?: number
  /** Default: the system's resolver. */
  readonly resolve?: Resolve
  /** PEM authorities that are trusted instead of the platform's. */
  readonly ca?: string
}

const defaultTimeoutMs = 5000
const defaultMaxBytes = 1024 * 1024

export function createOutboundClient(options: OutboundClientOptions = {}): OutboundClient {
  // Two pools, so that a connection which one call was allowed to make is never handed to a call that was not.
  const publicOnly = createAgent(options, false)
  const withPrivate = createAgent(options, true)

  async function request(url: string, request: OutboundRequest = {}): Promise<OutboundResponse> {
    const target = checkUrl(url, request.allowHttp === true)
    const agent = request.allowPrivate === true ? withPrivate : publicOnly
    try {
      return await withTimeout(request.timeoutMs ?? defaultTimeoutMs, async (signal) => {
        const answer = await agent.request({
          origin: target.origin,
          path: target.pathname + target.search,
          method: request.method ?? 'GET',
          headers: ['accept-encoding', 'identity', ...(request.headers ?? []).flat()],
          body: request.body ?? null,
          signal,
        })
        return readAnswer(target, answer, request.maxBytes ?? defaultMaxBytes)
      })
    } catch (error) {
      throw toOutboundError(target, error)
    }
  }

  return {
    request,
    async json(url, options) {
      const headers = [['accept', 'application/json'] as const, ...(options?.headers ?? [])]
      const response = await request(url, { ...options, headers })
      return parseJsonResponse(new URL(url).origin, response)
    },
    async close() {
      await Promise.all([publicOnly.destroy(), withPrivate.destroy()])
    },
  }
}

function createAgent(options: OutboundClientOptions, allowPrivate: boolean): Agent {
  return new Agent({
    connect: createGuardedConnector({
      allowPrivate,
      connectTimeoutMs: options.connectTimeoutMs ?? 3000,
      resolve: options.resolve ?? ((hostname) => lookup(hostname, { all: true })),
      ca: options.ca,
    }),
    connections: 8,
    maxOrigins: 256,
    maxHeaderSize: 16_384,
  })
}

function checkUrl(text: string, allowHttp: boolean): URL {
  if (!URL.canParse(text)) throw new OutboundError('url_invalid', 'not a URL')
  const url = new URL(text)
  if (url.protocol !== 'https:' && url.protocol !== 'http:') {
    throw new OutboundError('url_invalid', `${url.protocol} is not spoken here`)
  }
  if (url.username !== '' || url.password !== '') {
    throw new OutboundError('url_invalid', `a URL of ${url.host} holds a user name or a password`)
  }
  if (url.protocol === 'http:' && !allowHttp) {
    throw new OutboundError('http_refused', `${url.origin} is plain HTTP, which was not allowed`)
  }
  return url
}

async function readAnswer(target: URL, answer: Dispatcher.ResponseData, maxBytes: number): Promise<OutboundResponse> {
  const headers = toFields(answer.headers)
  const refusal = checkHead(target, answer.statusCode, headers, maxBytes)
  if (refusal !== null) {
    answer.body.on('error', () => {}).destroy()
    throw refusal
  }
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of answer.body) {
    size += (chunk as Uint8Array).length
    // Leaving the loop destroys the body and with it the connection.
    if (size > maxBytes) throw tooLarge(target, maxBytes)
    chunks.push(chunk)
  }
  return { status: answer.statusCode, headers, body: Buffer.concat(chunks, size) }
}

function checkHead(target: URL, status: number, headers: Fields, maxBytes: number): OutboundError | null {
  if (status >= 300 && status < 400) {
    return new OutboundError('redirect_refused', `${target.origin} answered with a redirect (${status})`, { status })
  }
  const encoding = headers.get('content-encoding')
  if (encoding !== undefined && encoding.toLowerCase() !== 'identity') {
    return new OutboundError('encoding_refused', `${target.origin} sent an encoded body unasked`, { status })
  }
  return Number(headers.get('content-length') ?? 0) > maxBytes ? tooLarge(target, maxBytes) : null
}

function tooLarge(target: URL, maxBytes: number): OutboundError {
  return new OutboundError('too_large', `${target.origin} sent more than ${maxBytes} bytes`)
}

function toFields(headers: Dispatcher.ResponseData['headers']): Fields {
  const fields = new Fields()
  for (const [name, value] of Object.entries(headers)) {
    for (const each of [value ?? []].flat()) fields.append(name, each)
  }
  return fields
}

class OutOfTime extends Error {}

/** Aborts and rejects at the limit. The abort alone would not do: undici honours it only once it is connected. */
async function withTimeout<T>(timeoutMs: number, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController()
  let timer: NodeJS.Timeout | undefined
  const expired = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new OutOfTime())
      controller.abort()
    }, timeoutMs)
  })
  try {
    return await Promise.race([work(controller.signal), expired])
  } finally {
    clearTimeout(timer)
  }
}

function toOutboundError(target: URL, error: unknown): OutboundError {
  if (error instanceof OutboundError) return error
  const code = (error as { code?: unknown }).code
  if (error instanceof OutOfTime || code === 'UND_ERR_CONNECT_TIMEOUT') {
    return new OutboundError('timeout', `${target.origin} did not answer in time`, { cause: error })
  }
  return new OutboundError('unreachable', `${target.origin} gave no answer (${String(code ?? error)})`, {
    cause: error,
  })
}
