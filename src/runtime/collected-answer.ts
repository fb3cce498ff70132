import type { ServerResponse } from 'node:http'
import type { Answer } from '../core/answer.ts'
import type { Refusal } from '../core/decision.ts'
import type { HeldBytes } from '../gateway/held-bytes.ts'
import { WholeAnswer } from '../gateway/whole-answer.ts'
import { type Callback, type Chunk, type Encoding, toBytes, toCallback } from './guarded-response.ts'

/** What a handler answers, held until its end because policies read it whole. */
export class CollectedAnswer {
  /** The handler's, for when its answer has left. */
  onSent: Callback | undefined
  readonly #whole: WholeAnswer
  readonly #response: ServerResponse
  readonly #memory: HeldBytes
  #bytes = 0

  constructor(answer: Answer, response: ServerResponse, memory: HeldBytes) {
    this.#whole = new WholeAnswer(answer)
    this.#response = response
    this.#memory = memory
    // To the handler its head is sent: whoever asks before answering an error must not begin a second answer.
    Object.defineProperty(response, 'headersSent', { value: true, configurable: true })
  }

  /** @returns why it cannot be held any longer; null where it can */
  write(chunk: Chunk, encoding: Encoding, callback: Callback | undefined): Refusal | null {
    const done = toCallback(undefined, encoding, callback)
    // Whoever waits for it would not go on.
    if (done !== undefined) process.nextTick(done)
    return this.#push(chunk, encoding)
  }

  end(chunk: Chunk, encoding: Encoding, callback: Callback | undefined): Refusal | Answer {
    this.onSent = toCallback(chunk, encoding, callback)
    return this.#push(chunk, encoding) ?? this.#whole.end()
  }

  /** Something is about to be sent, be it this answer or another. */
  showHead(): void {
    Reflect.deleteProperty(this.#response, 'headersSent')
  }

  /** The answer has left, or nobody waits for it any more. */
  release(): void {
    this.#memory.release(this.#bytes)
    this.#bytes = 0
    this.showHead()
  }

  #push(chunk: Chunk, encoding: Encoding): Refusal | null {
    return this.#whole.push(toBytes(chunk, encoding), (bytes) => {
      if (!this.#memory.hasRoom(bytes)) return false
      this.#memory.hold(bytes)
      this.#bytes += bytes
      return true
    })
  }
}
