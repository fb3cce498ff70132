import type { Answer } from '../core/answer.ts'
import { type Refusal, refuse } from '../core/decision.ts'
import type { Fields } from '../core/fields.ts'
import { BodyParts } from './body-parts.ts'

/** The most of an answer that is held for policies that read it whole. */
const maxBytes = 8 * 1024 * 1024

/** An answer on its way to policies that read it whole: its body is held until the end has come. */
export class WholeAnswer {
  readonly #answer: Answer
  readonly #parts = new BodyParts()
  #bytes = 0

  constructor(answer: Answer) {
    this.#answer = answer
  }

  /** @param chunk is kept as it is. @returns why the answer cannot be held any longer; null where it can */
  push(chunk: Buffer, hasRoom: (bytes: number) => boolean): Refusal | null {
    this.#bytes += chunk.length
    if (this.#bytes > maxBytes) return refuse('answer_not_held', `it is longer than ${maxBytes} bytes`)
    if (!hasRoom(chunk.length)) return refuse('overloaded', 'no memory is left for answers that are read whole')
    this.#parts.push(chunk)
    return null
  }

  /** The answer with its body; nothing may be pushed any more. */
  end(): Answer {
    this.#answer.body = this.#parts.toBuffer()
    return this.#answer
  }
}

/** Events come when they happen and may never end: held, they would reach nobody. */
export function checkHoldable(headers: Fields): Refusal | null {
  const isStream = headers.all('content-type').some((type) => /^\s*text\/event-stream\s*(?:;|$)/i.test(type))
  return isStream ? refuse('answer_not_held', 'it is an event stream') : null
}
