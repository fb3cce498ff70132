import { StoreError } from '../stores/ports/store-error.ts'
import { type CallStore, type StoreCall, type StoreOutcome, toError } from './store-calls.ts'

export interface StoreCallerOptions {
  /** Calls of one thread that may wait at once; further ones fail at once. Default 1000. */
  readonly maxWaiting?: number
  /** How long one call waits. Longer than the store itself waits for a lock, so that its own error arrives. Default 8000. */
  readonly limitMs?: number
}

interface Waiting {
  readonly resolve: (value: unknown) => void
  readonly reject: (error: Error) => void
  readonly timer: NodeJS.Timeout
}

/** A gateway thread's side of stores that only the main thread writes: calls go as messages, and answers come back. */
export class StoreCaller {
  readonly #send: (id: number, call: StoreCall) => void
  readonly #maxWaiting: number
  readonly #limitMs: number
  readonly #waiting = new Map<number, Waiting>()
  #nextId = 1
  #closed = false

  constructor(send: (id: number, call: StoreCall) => void, options: StoreCallerOptions = {}) {
    this.#send = send
    this.#maxWaiting = options.maxWaiting ?? 1000
    this.#limitMs = options.limitMs ?? 8000
  }

  /** Calls that have no answer yet. */
  get waiting(): number {
    return this.#waiting.size
  }

  readonly call: CallStore = (call) =>
    new Promise((resolve, reject) => {
      if (this.#closed) throw gone(call)
      if (this.#waiting.size >= this.#maxWaiting) {
        const text = `the store is overloaded: ${this.#maxWaiting} calls wait for it; ${describe(call)} was not begun`
        throw new StoreError('overloaded', text)
      }
      const id = this.#nextId++
      // Sent first: what cannot be sent leaves nothing behind.
      this.#send(id, call)
      const timer = setTimeout(() => this.#take(id)?.reject(late(call, this.#limitMs)), this.#limitMs)
      this.#waiting.set(id, { resolve, reject, timer })
    })

  /** An answer has arrived; one that nobody waits for any more is dropped. */
  settle(id: number, outcome: StoreOutcome): void {
    const waiting = this.#take(id)
    if (outcome.ok) waiting?.resolve(outcome.value)
    else waiting?.reject(toError(outcome))
  }

  /** Nobody will answer any more. */
  close(): void {
    this.#closed = true
    for (const id of [...this.#waiting.keys()]) this.#take(id)?.reject(gone())
  }

  #take(id: number): Waiting | undefined {
    const waiting = this.#waiting.get(id)
    this.#waiting.delete(id)
    clearTimeout(waiting?.timer)
    return waiting
  }
}

function gone(call?: StoreCall): StoreError {
  const what = call === undefined ? 'what it was asked may have been done' : `${describe(call)} was not begun`
  return new StoreError('unreachable', `the thread that writes the store has ended: ${what}`)
}

function late(call: StoreCall, limitMs: number): StoreError {
  const text = `the thread that writes the store did not answer within ${limitMs} ms: ${describe(call)} may yet be done`
  return new StoreError('timeout', text)
}

function describe({ port, method }: StoreCall): string {
  return `${port}.${method}`
}
