import { type Refusal, refuse } from '../../core/decision.ts'

/** A scheme that no browser knows: it shows no window for a password (RFC 9110 section 11.6.1). */
export const challenge = 'Session realm="api"'

export function refuseUnknown(): Refusal {
  return refuse('credential_missing', undefined, { headers: [['www-authenticate', challenge]] })
}
