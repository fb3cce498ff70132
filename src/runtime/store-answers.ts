import { StoreError } from '../stores/ports/store-error.ts'
import { type AnswerStoreCall, type CallStore, toFailedOutcome } from './store-calls.ts'

/** More than all threads have waiting; callers that gave up are not begun for ever. */
const maxRunning = 4000

/** The writing thread's side of stores that other threads call by name. */
export function createStoreAnswers(stores: ReadonlyMap<string, object>): {
  readonly call: CallStore
  readonly answer: AnswerStoreCall
  /** Calls that have begun and not ended. */
  readonly running: () => number
} {
  let running = 0

  const call: CallStore = async ({ port, method, args }) => {
    const store = stores.get(port) as Record<string, unknown> | undefined
    // Own methods only: what an object inherits is no part of a port.
    const run = store !== undefined && Object.hasOwn(store, method) ? store[method] : undefined
    if (typeof run !== 'function') throw new Error(`the store has no ${port}.${method}`)
    if (running >= maxRunning) {
      throw new StoreError(
        'overloaded',
        `the store is overloaded: ${maxRunning} calls run; ${port}.${method} was not begun`,
      )
    }
    running++
    try {
      return await run.apply(store, args)
    } finally {
      running--
    }
  }

  const answer: AnswerStoreCall = (one) => call(one).then((value) => ({ ok: true, value }), toFailedOutcome)
  return { call, answer, running: () => running }
}
