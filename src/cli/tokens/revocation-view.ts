import type { Revocation, RevokedKind } from '../../stores/ports/revocation-store.ts'

/** What people and programs are shown of a revocation. Times are ISO 8601 in UTC. */
export interface RevocationView {
  readonly issuer: string
  readonly kind: RevokedKind
  readonly value: string
  readonly revokedAt: string
  /** For a subject: tokens that were issued until then are meant. */
  readonly issuedUntil: string | null
  readonly endsAt: string
  readonly reason: string | null
}

export function toRevocationView(revocation: Revocation): RevocationView {
  const { issuer, kind, value, revokedAt, issuedUntil, endsAt, reason } = revocation
  return {
    issuer,
    kind,
    value,
    revokedAt: toIso(revokedAt),
    issuedUntil: issuedUntil === null ? null : toIso(issuedUntil),
    endsAt: toIso(endsAt),
    reason,
  }
}

function toIso(time: number): string {
  return new Date(time).toISOString().replace(/\.\d+Z$/, 'Z')
}
