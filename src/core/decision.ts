import type { Principal } from './principal.ts'

/** Header fields as pairs, in the order in which they are sent. */
export type FieldPairs = readonly (readonly [name: string, value: string])[]

/** The exchange goes on to the next policy. */
export interface Next {
  readonly kind: 'next'
}

/** The policy answers itself, a CORS preflight for example. */
export interface Reply {
  readonly kind: 'reply'
  readonly status: number
  readonly headers: FieldPairs
  readonly body: Uint8Array | string | null
}

/** The exchange ends with a problem. The code is a private one; see `problems.ts` for what a caller is shown. */
export interface Refusal {
  readonly kind: 'refuse'
  readonly code: string
  /** For the log only, never for the caller. */
  readonly detail: string | undefined
  readonly extra: RefusalExtra | undefined
}

/** What a refusal shows beside its public problem. */
export interface RefusalExtra {
  /** Whole seconds, sent as `Retry-After`. */
  readonly retryAfterSeconds?: number
  readonly headers?: FieldPairs
  /** Members added to the problem body (RFC 9457 section 3.2), such as the places that failed validation. */
  readonly members?: Readonly<Record<string, unknown>>
}

export type Decision = Next | Reply | Refusal

/** No credential of this policy's kind came with the request. */
export interface Absent {
  readonly kind: 'absent'
}

/** A credential was presented and holds. */
export interface Identified {
  readonly kind: 'identified'
  readonly principal: Principal
}

/** What a credential policy returns from `authenticate`. */
export type Identification = Absent | Identified | Refusal

export const next: Next = Object.freeze({ kind: 'next' })

export const absent: Absent = Object.freeze({ kind: 'absent' })

export function identified(principal: Principal): Identified {
  return { kind: 'identified', principal }
}

export function reply(status: number, headers: FieldPairs = [], body: Uint8Array | string | null = null): Reply {
  return { kind: 'reply', status, headers, body }
}

/**
 * Ends the exchange with a problem.
 * @param code a private code: one of the policy's own `codes` or of the core's
 * @param detail for the log only; no credential may stand in it
 */
export function refuse(code: string, detail?: string, extra?: RefusalExtra): Refusal {
  return { kind: 'refuse', code, detail, extra }
}
