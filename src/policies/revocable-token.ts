import type { Principal } from '../core/principal.ts'
import type { JsonObject } from '../crypto/tokens/unique-json.ts'
import type { RevocableToken } from '../stores/ports/revocation-store.ts'

/** What a verified token can be revoked by. A clock of the issuer's that is ahead must not save a token. */
export function toRevocable(
  principal: Principal,
  { sid, iat, client_id: clientId }: JsonObject,
  clockToleranceMs: number,
): RevocableToken {
  return {
    issuer: principal.issuer,
    tokenId: principal.credential.id,
    sessionId: typeof sid === 'string' ? sid : null,
    subject: principal.id,
    clientId: typeof clientId === 'string' ? clientId : null,
    issuedAt: typeof iat === 'number' ? iat * 1000 - clockToleranceMs : null,
  }
}
