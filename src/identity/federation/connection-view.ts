import type { Connection } from '../../stores/ports/connection-store.ts'

/** A login at another server that opens an account. Times are ISO 8601 in UTC. */
export interface ConnectionView {
  readonly provider: string
  readonly issuer: string
  readonly subject: string
  readonly email: string | null
  /** By the rules of the policy file, at the last login: not roles of the account itself. */
  readonly roles: readonly string[]
  readonly createdAt: string
  readonly usedAt: string
}

export function toConnectionView({ provider, issuer, subject, email, roles, ...times }: Connection): ConnectionView {
  return {
    ...{ provider, issuer, subject, email, roles },
    createdAt: new Date(times.createdAt).toISOString(),
    usedAt: new Date(times.usedAt).toISOString(),
  }
}
