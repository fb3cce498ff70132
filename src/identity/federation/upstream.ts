import type { RoleRule } from './options.ts'

/** What a login at another server is begun with; it comes back with the person, or is asked for when they do. */
export interface UpstreamRequest {
  readonly state: string
  readonly nonce: string
  /** The secret of PKCE (RFC 7636): only who began can redeem the code. */
  readonly verifier: string
  /** Where people come back to; one address for each provider, so that no two are mixed up (RFC 9700 section 4.4). */
  readonly redirectUri: string
}

/** Who another server says that somebody is. */
export interface UpstreamIdentity {
  readonly issuer: string
  readonly subject: string
  readonly email: string | null
  /** Whether that server itself made sure of it. */
  readonly emailVerified: boolean
  readonly name: string | null
  /** Everything that it said. */
  readonly claims: Readonly<Record<string, unknown>>
}

/** One other server that people log in through. Everything rejects with an `UpstreamError`. */
export interface Upstream {
  readonly name: string
  readonly label: string
  readonly rules: readonly RoleRule[]
  /** Where to send the person. */
  begin(request: UpstreamRequest): Promise<URL>
  /** @param answer the parameters that the person came back with */
  redeem(request: UpstreamRequest, answer: URLSearchParams): Promise<UpstreamIdentity>
}

/** `denied`: the person, or that server, did not want to. `unavailable`: it is away. `failed`: it said what cannot be believed. */
export type UpstreamFailure = 'denied' | 'unavailable' | 'failed'

/** The message is for the log: it holds no code, no token and no secret. */
export class UpstreamError extends Error {
  readonly failure: UpstreamFailure

  constructor(failure: UpstreamFailure, message: string) {
    super(message)
    this.name = 'UpstreamError'
    this.failure = failure
  }
}
