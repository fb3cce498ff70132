import { createHash } from 'node:crypto'

/** By what passkeys know their account. It tells nothing about it (WebAuthn section 14.6.1). */
export function toUserHandle(accountId: string): string {
  return createHash('sha256').update(`passkey\n${accountId}`).digest('base64url')
}
