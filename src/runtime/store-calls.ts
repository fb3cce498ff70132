import { StoreError, type StoreFailure } from '../stores/ports/store-error.ts'

/** A method of a store, called in a thread that may not write: plain data. */
export interface StoreCall {
  /** The name of the store's port. */
  readonly port: string
  readonly method: string
  readonly args: readonly unknown[]
}

/** What came of it. `failure` is null where the call itself was wrong, not the store. */
export type StoreOutcome =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly failure: StoreFailure | null; readonly message: string }

/** Calls a store by name; rejects with what the store rejects with. */
export type CallStore = (call: StoreCall) => Promise<unknown>

/** The same for the other side of a message: never rejects. */
export type AnswerStoreCall = (call: StoreCall) => Promise<StoreOutcome>

/** Errors lose their class on the way between threads, and may hold what cannot be sent. */
export function toFailedOutcome(error: unknown): StoreOutcome {
  const message = error instanceof Error ? error.message : String(error)
  return { ok: false, failure: error instanceof StoreError ? error.failure : null, message }
}

export function toError({ failure, message }: StoreOutcome & { ok: false }): Error {
  return failure === null ? new Error(message) : new StoreError(failure, message)
}
