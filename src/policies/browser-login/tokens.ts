import type { Identified } from '../../core/decision.ts'
import type { RevocableToken } from '../../stores/ports/revocation-store.ts'
import type { SessionCaller } from '../../stores/ports/session-store.ts'
import type { Revocable } from '../revocation-check.ts'
import type { Demands } from './demands.ts'

/** How a login came about: no refresh changes that. */
export interface Login {
  readonly at: number
  /** When the person proved who they are, by `auth_time`; null where the issuer does not say. */
  readonly authenticatedAt: number | null
  /** What the issuer was asked for. */
  readonly asked: Demands
}

/** What is kept of a login: the browser sees none of it. Times are epoch milliseconds. */
export interface Tokens {
  /** Counts refreshes: of one generation there is one refresh. */
  readonly generation: number
  readonly caller: SessionCaller
  readonly login: Login
  readonly accessToken: string
  readonly refreshToken: string | null
  readonly idToken: string
  readonly issuedAt: number
  /** When the access token ends. */
  readonly expiresAt: number
  /** When the session does, whatever is refreshed. */
  readonly endsAt: number
  readonly revocable: RevocableToken
  /** Digests of the grant and the account that the issuer ends them with; null where it names none. */
  readonly grant: string | null
  readonly account: string | null
  /** The access token says nothing by itself, and is kept beside us: our own issuer's. */
  readonly keptBeside: boolean
  /** What the page may be told. */
  readonly told: Readonly<Record<string, unknown>>
}

/** The same, prepared for requests. */
export interface KnownTokens extends Revocable {
  readonly tokens: Tokens
  readonly identified: Identified
  /** As they are kept: what takes their place does so only where they still are. */
  readonly sealed: string
}
