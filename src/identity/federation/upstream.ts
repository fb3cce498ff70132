import type { RoleRule } from './options.ts'

/** What a login at another server is begun with; it comes back with the person, or is asked for when they do. */
export interface UpstreamRequest {
  readonly state: string
  readonly nonce: string
  /** The secret of PKCE (RFC 7636): only who began can redeem the code. */
  readonly verifier: string
  /** Where people come back to; one address for each provider, so that no two are mixed up (RFC 9700 section 4.4). */
  readonly redirectUri: string
  /** Null: however long ago somebody has logged in there will do. */
  readonly fresh: Freshness | null
}

/** How new a login has to be. */
export interface Freshness {
  /** Seconds; 0: they are to log in there once more. */
  readonly maxAge: number
  /** What it is counted from, epoch milliseconds: when they were sent there. */
  readonly at: number
}

/** Who another server says that somebody is. */
export interface UpstreamIdentity {
  readonly issuer: string
  readonly subject: string
  readonly email: string | null
  /** Whether that server itself made sure of it. */
  readonly emailVerified: boolean
  readonly name: string | null
  /** When they logged in there, epoch milliseconds; null where it does not say. */
  readonly authenticatedAt: number | null
  /** Everything that it said. */
  readonly claims: Readonly<Record<string, unknown>>
}

/** One other server that people log in through. Everything rejects with an `UpstreamError`. */
export interface Upstream {
  readonly name: string
  readonly label: string
  readonly rules: readonly RoleRule[]
  /** Whether it can be asked for a new login at all, and says when it was. */
  readonly tellsTime: boolean
  /** Where to send the person. */
  begin(request: UpstreamRequest): Promise<URL>
  /** @param answer the parameters that the person came back with */
  redeem(request: UpstreamRequest, answer: URLSearchParams): Promise<UpstreamIdentity>
}

/**
 * `denied`: the person, or that server, did not want to. `unavailable`: it is away. `failed`: it said what cannot be
 * believed. `stale`: it did not say that the login is as new as it has to be.
 */
export type UpstreamFailure = 'denied' | 'unavailable' | 'failed' | 'stale'

/** The message is for the log: it holds no code, no token and no secret. */
export class UpstreamError extends Error {
  readonly failure: UpstreamFailure

  constructor(failure: UpstreamFailure, message: string) {
    super(message)
    this.name = 'UpstreamError'
    this.failure = failure
  }
}
