import { next } from '../../core/decision.ts'
import type { Exchange } from '../../core/exchange.ts'
import type { Hooks, PolicyDeps, RequestHook, RespondHook } from '../../core/policy.ts'
import { redactorPort } from '../../core/telemetry.ts'
import { isExchangeLogged } from './exchange-log.ts'
import { type BodyFacts, writeBody } from './log-lines.ts'
import { createMask, type Mask } from './mask.ts'
import { readMediaType } from './media-type.ts'
import type { LogBodiesOptions } from './options.ts'
import { toReadableBody } from './readable-body.ts'
import { Recording } from './recording.ts'

/**
 * Keeps the beginning of bodies while they pass, and writes them when the exchange is over. It neither changes nor
 * delays a byte, and what the log writes of it went through the route's mask and the log's own redaction.
 */
export function createLogBodies(options: LogBodiesOptions, deps: PolicyDeps): Hooks {
  if (!isExchangeLogged(deps.block)) return {}
  const { maxBytes } = options
  let prepared: Mask | null = null
  /** What other policies of the route hide is known once all of them are made. */
  const maskOf = ({ pipeline }: Exchange): Mask => {
    prepared ??= createMask([...options.mask, ...pipeline.hides], deps.provide(redactorPort), pipeline.hidesText)
    return prepared
  }
  const requests = deps.slot<Recording>()
  const answers = deps.slot<Recording>()

  const guard: RequestHook = (exchange) => {
    const { body, headers } = exchange
    if (body.declaredLength === 0) return next
    const recording = new Recording(readMediaType(headers), maxBytes)
    requests.set(exchange, recording)
    if (body.bytes !== null) {
      // Embedded, the body may have been collected before: then no stream will pass by.
      recording.take(body.bytes)
      recording.take(null)
      return next
    }
    body.inspect((chunk) => {
      recording.take(chunk)
      return next
    })
    return next
  }

  const respond: RespondHook = (exchange, answer) => {
    // What we answer ourselves is told by the line of the exchange.
    if (answer.source === 'problem' || answer.source === 'reply') return next
    const recording = new Recording(readMediaType(answer.headers), maxBytes)
    answers.set(exchange, recording)
    answer.watch((chunk) => recording.take(chunk))
    return next
  }

  function write(exchange: Exchange, of: BodyFacts['of'], recording: Recording | undefined): void {
    if (recording === undefined || recording.bytes === 0) return
    const { bytes, media } = recording
    const facts = { requestId: exchange.id, of, mediaType: media.type, bytes }
    // Pointers find nothing in another form.
    const isLeftOut = exchange.pipeline.hides.length > 0 && media.form !== null && media.form !== 'json'
    const shown = isLeftOut ? leftOut : toReadableBody(recording, maskOf(exchange))
    writeBody(deps.log, facts, shown)
  }

  return {
    ...(options.request && { guard, requestBody: 'stream' }),
    ...(options.response && { respond, responseBody: 'stream' }),
    done(exchange) {
      write(exchange, 'request', requests.get(exchange))
      write(exchange, 'response', answers.get(exchange))
    },
  }
}

const leftOut = { text: null, note: 'hidden fields', isCut: true } as const
