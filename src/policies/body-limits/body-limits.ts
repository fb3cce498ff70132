import type { BodyInspector } from '../../core/body.ts'
import { type Decision, next, refuse } from '../../core/decision.ts'
import type { Exchange } from '../../core/exchange.ts'
import type { Hooks, PolicyDeps } from '../../core/policy.ts'
import type { ProblemCodes } from '../../core/problems.ts'
import { type Coding, parseContentCoding } from '../../input/content-coding.ts'
import { createDecompression, type Decompression } from '../../input/decompression.ts'
import { readInput } from '../../input/request-input.ts'
import type { BodyLimitsOptions } from './options.ts'

export const bodyLimitsCodes = {
  body_limits_parameters: {
    public: 'malformed_request',
    meaning: 'The query has more parameters than `maxQueryParameters`.',
  },
  body_limits_decompressed: {
    public: 'content_too_large',
    meaning: 'The body unpacks to more than `maxDecompressedBytes`.',
  },
  body_limits_encoding_refused: {
    public: 'unsupported_media_type',
    meaning: 'The `Content-Encoding` is unknown, not in `encodings`, or names several codings.',
  },
  body_limits_encoding_broken: {
    public: 'malformed_request',
    meaning: 'The body is not what its `Content-Encoding` says, ends early, or goes on after its end.',
  },
} as const satisfies ProblemCodes

export function createBodyLimits(options: BodyLimitsOptions, deps: PolicyDeps): Hooks {
  const { maxBytes, maxUrlBytes, maxQueryParameters, maxHeaderBytes, maxHeaders } = options
  const observes = deps.mode === 'observe'
  const decompressions = deps.slot<Decompression>()
  const acceptEncoding = options.encodings.length === 0 ? 'identity' : options.encodings.join(', ')
  const answered = { headers: [['accept-encoding', acceptEncoding]] as const }

  function checkBody(exchange: Exchange): Decision | Promise<Decision> {
    const { body } = exchange
    if (body.declaredLength !== null && body.declaredLength > maxBytes) {
      return refuse('body_too_large', `${body.declaredLength} bytes declared, ${maxBytes} allowed`)
    }
    if (observes) body.inspect(observe(exchange, createCounter(maxBytes)))
    else if (maxBytes < body.maxBytes) body.maxBytes = maxBytes
    if (!exchange.headers.has('content-encoding')) return next
    return checkEncoding(exchange, exchange.headers.all('content-encoding').join(','))
  }

  function checkEncoding(exchange: Exchange, value: string): Decision | Promise<Decision> {
    const parsed = parseContentCoding(value)
    switch (parsed.kind) {
      case 'none':
        return next
      case 'known':
        if (options.encodings.includes(parsed.coding)) return watch(exchange, parsed.coding)
        return refuse('body_limits_encoding_refused', `${parsed.coding} is not in \`encodings\``, answered)
      case 'stacked':
        return refuse('body_limits_encoding_refused', 'several codings', answered)
      case 'unknown':
        if (options.unsafeAllowUnknownEncodings !== undefined) return next
        return refuse('body_limits_encoding_refused', `unknown coding ${parsed.name.slice(0, 40)}`, answered)
    }
  }

  function watch(exchange: Exchange, coding: Coding): Decision | Promise<Decision> {
    const decompression = createDecompression(coding, options.maxDecompressedBytes)
    decompressions.set(exchange, decompression)
    if (!observes) readInput(exchange).maxDecodedBytes = options.maxDecompressedBytes
    const inspect = observes ? observe(exchange, decompression.inspect) : decompression.inspect
    const { bytes } = exchange.body
    // Embedded, the application may have read the body before us: then no stream will pass by.
    if (bytes !== null) return inspectWhole(inspect, bytes)
    exchange.body.inspect(inspect)
    return next
  }

  return {
    guard(exchange) {
      const { path, query, headers, body } = exchange
      const urlBytes = query === '' ? path.length : path.length + 1 + query.length
      if (urlBytes > maxUrlBytes) return refuse('uri_too_long', `${urlBytes} bytes, ${maxUrlBytes} allowed`)
      // A query of n characters separates at most n + 1 parameters.
      if (query.length >= maxQueryParameters && countParameters(query) > maxQueryParameters) {
        return refuse('body_limits_parameters', `more than ${maxQueryParameters} query parameters`)
      }
      const { flat } = headers
      if (flat.length > maxHeaders * 2) return refuse('header_too_large', `${flat.length / 2} fields`)
      if (countHeaderBytes(flat) > maxHeaderBytes)
        return refuse('header_too_large', `more than ${maxHeaderBytes} bytes`)
      return body.declaredLength === 0 ? next : checkBody(exchange)
    },
    done: (exchange) => decompressions.get(exchange)?.close(),
  }
}

function countParameters(query: string): number {
  if (query === '') return 0
  let count = 1
  for (let i = 0; i < query.length; i++) {
    const code = query.charCodeAt(i)
    if (code === 0x26 || code === 0x3b) count++
  }
  return count
}

/** As on the wire over HTTP/1.1: `name: value` and a line end each. */
function countHeaderBytes(flat: readonly string[]): number {
  let bytes = flat.length * 2
  for (let i = 0; i < flat.length; i++) bytes += (flat[i] as string).length
  return bytes
}

function createCounter(maxBytes: number): BodyInspector {
  let received = 0
  return (chunk) => {
    received += chunk?.length ?? 0
    return received > maxBytes ? refuse('body_too_large', `more than ${maxBytes} bytes`) : next
  }
}

/** In observe mode a stream passes whatever is found; the first finding is recorded. */
function observe(exchange: Exchange, inspect: BodyInspector): BodyInspector {
  let found = false
  return async (chunk) => {
    if (found) return next
    const decision = await inspect(chunk)
    if (decision.kind !== 'refuse') return next
    found = true
    return exchange.pipeline.observe(exchange, 'body-limits', decision)
  }
}

async function inspectWhole(inspect: BodyInspector, bytes: Uint8Array): Promise<Decision> {
  const decision = await inspect(bytes)
  return decision.kind === 'refuse' ? decision : inspect(null)
}
