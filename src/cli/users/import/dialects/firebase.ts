import type { FirebaseParameters } from '../dialects.ts'
import { EntryError, type Values } from '../entry.ts'

/** `firebase auth:export users.json`. Its hashes need the parameters of the project, which the console shows. */
export function fromFirebase(value: Values, parameters: FirebaseParameters | null): Values {
  const { localId, email, emailVerified, passwordHash, salt, createdAt, disabled } = value
  const hash = typeof passwordHash === 'string' && passwordHash !== '' ? toHash(passwordHash, salt, parameters) : null
  return {
    id: localId,
    username: email ?? localId,
    ...{ email, emailVerified: emailVerified ?? false, passwordHash: hash },
    ...{ disabled: disabled ?? false, createdAt },
  }
}

function toHash(digest: string, salt: unknown, parameters: FirebaseParameters | null): string {
  if (parameters === null)
    throw new EntryError('its password needs the parameters of the project (--firebase-parameters)')
  const { signerKey, saltSeparator, rounds, memCost } = parameters
  const salted = Buffer.concat([fromBase64(typeof salt === 'string' ? salt : ''), fromBase64(saltSeparator)])
  const [a, b, c] = [salted, fromBase64(signerKey), fromBase64(digest)].map(toPhc)
  return `$firebase-scrypt$ln=${memCost},r=${rounds}$${a}$${b}$${c}`
}

/** Firebase writes either alphabet. */
function fromBase64(text: string): Buffer {
  return Buffer.from(text, 'base64')
}

function toPhc(bytes: Buffer): string {
  return bytes.toString('base64').replace(/=+$/, '')
}
