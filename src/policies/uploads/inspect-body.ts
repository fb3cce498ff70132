import type { BodyInspector } from '../../core/body.ts'
import { type Decision, next } from '../../core/decision.ts'
import type { Exchange } from '../../core/exchange.ts'
import type { BodyJudge } from './body-judge.ts'

/** In observe mode a stream passes whatever is found; the first finding is recorded. */
export function createInspector(exchange: Exchange, body: BodyJudge, observes: boolean): BodyInspector {
  let over: Decision | null = null
  // Embedded in an application, the parser may hand over a chunk before the one before it was judged.
  let turn: Promise<Decision> = Promise.resolve(next)

  async function inspect(chunk: Uint8Array | null): Promise<Decision> {
    if (over !== null) return over
    const refusal = await (chunk === null ? body.end() : body.take(toBuffer(chunk)))
    if (refusal === null) return next
    body.close()
    over = observes ? exchange.pipeline.observe(exchange, 'uploads', refusal) : refusal
    return over
  }

  return (chunk) => {
    turn = turn.then(() => inspect(chunk))
    return turn
  }
}

/** A body that was collected before. */
export async function inspectWhole(inspect: BodyInspector, bytes: Uint8Array): Promise<Decision> {
  const decision = await inspect(bytes)
  return decision.kind === 'refuse' ? decision : inspect(null)
}

function toBuffer(chunk: Uint8Array): Buffer {
  return Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength)
}
