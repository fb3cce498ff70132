import type { Decision, Refusal } from './decision.ts'

/**
 * Sees each chunk of a streamed body before it goes on, and `null` at its end. A refusal ends the exchange: as a
 * problem while no answer has been sent, as a reset afterwards.
 */
export type BodyInspector = (chunk: Uint8Array | null) => Decision | Promise<Decision>

/** The request's body as policies see it; the carrier (gateway or adapter) implements it. */
export interface RequestBody {
  /** The declared length in bytes; null when it is not declared (chunked), 0 when there is no body. */
  readonly declaredLength: number | null
  /** The most bytes that will be read; policies only ever lower it. */
  maxBytes: number
  /** The whole body once it was collected, else null. These bytes are the ones that are forwarded. */
  readonly bytes: Uint8Array | null
  /** Reads the whole body into memory, up to `maxBytes` and `limitBytes`. */
  collect(limitBytes: number): Promise<Refusal | Uint8Array>
  /**
   * Has the upstream or the application get other bytes than came, with their length. Of a collected body only, and once
   * every policy has judged what came: in `forward` hooks.
   */
  replace(bytes: Uint8Array): void
  /** Adds an inspector of the stream. Inspectors run in the order in which they were added. */
  inspect(inspector: BodyInspector): void
}

/** Rewrites a streamed answer chunk by chunk; called with `null` at the end. */
export type BodyTransform = (chunk: Uint8Array | null) => Uint8Array | null

/** Sees each chunk of an answer's body as it is sent, and `null` at its end. It changes, holds and refuses nothing. */
export type BodyWatcher = (chunk: Uint8Array | null) => void

/** The body of a request that has none. */
export function createEmptyBody(): RequestBody {
  const bytes = new Uint8Array(0)
  return {
    declaredLength: 0,
    maxBytes: Number.POSITIVE_INFINITY,
    bytes,
    collect: () => Promise.resolve(bytes),
    replace() {},
    inspect() {},
  }
}
