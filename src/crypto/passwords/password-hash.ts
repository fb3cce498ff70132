import { maximums } from './parameters.ts'
import { hashTooDear as tooDear, hashUnreadable as unreadable } from './password-error.ts'
import { readBase64, toBase64 } from './phc-base64.ts'
import { formatScryptHash, parseScryptHash, type ScryptHash } from './scrypt-hash.ts'

/** A stored hash, taken apart. */
export type PasswordHash = Argon2Hash | BcryptHash | Pbkdf2Hash | ScryptHash

export interface Argon2Hash {
  /** `argon2i` and `argon2d` are read, for imports, but not made. */
  readonly algorithm: 'argon2id' | 'argon2i' | 'argon2d'
  readonly memoryKiB: number
  readonly passes: number
  readonly lanes: number
  readonly salt: Uint8Array
  readonly digest: Uint8Array
}

export interface BcryptHash {
  readonly algorithm: 'bcrypt'
  readonly cost: number
  /** The whole of it, which the library reads. */
  readonly text: string
}

export interface Pbkdf2Hash {
  /** `pbkdf2-sha1` is read, for imports, but not made. */
  readonly algorithm: 'pbkdf2-sha256' | 'pbkdf2-sha512' | 'pbkdf2-sha1'
  readonly iterations: number
  readonly salt: Uint8Array
  readonly digest: Uint8Array
}

export type { ScryptHash } from './scrypt-hash.ts'

const maxLength = 512
const wholeNumber = '(0|[1-9]\\d{0,9})'
const base64 = '([A-Za-z0-9+/]{11,128})'
const argon2 = new RegExp(
  `^\\$(argon2id|argon2i|argon2d)\\$v=19\\$m=${wholeNumber},t=${wholeNumber},p=${wholeNumber}\\$${base64}\\$${base64}$`,
)
const pbkdf2 = new RegExp(`^\\$(pbkdf2-sha256|pbkdf2-sha512|pbkdf2-sha1)\\$i=${wholeNumber}\\$${base64}\\$${base64}$`)
const bcrypt = /^\$2[aby]\$(\d\d)\$[./A-Za-z0-9]{53}$/

/**
 * Reads a hash in the PHC string format (`$argon2id$v=19$m=…,t=…,p=…$salt$digest`, `$pbkdf2-sha256$i=…$salt$digest`,
 * `$scrypt$ln=…,r=…,p=…$salt$digest`) or in bcrypt's own (`$2b$…`). Throws a `PasswordError` where it is none of them, or
 * costs more than is ever worked on.
 */
export function parsePasswordHash(text: string): PasswordHash {
  if (text.length > maxLength) throw unreadable()
  const scrypt = parseScryptHash(text)
  if (scrypt !== null) return scrypt
  const match = argon2.exec(text) ?? pbkdf2.exec(text)
  if (match === null) return parseBcrypt(text)
  const numbers = match.slice(2, -2).map(Number) as [number, number, number]
  const salt = readBase64(match.at(-2) as string)
  const digest = readBase64(match.at(-1) as string)
  if (salt.length < 8 || salt.length > 64 || digest.length < 16 || digest.length > 64) throw unreadable()
  const algorithm = match[1] as Argon2Hash['algorithm'] | Pbkdf2Hash['algorithm']
  if (algorithm === 'pbkdf2-sha256' || algorithm === 'pbkdf2-sha512' || algorithm === 'pbkdf2-sha1') {
    const [iterations] = numbers
    if (iterations < 1 || iterations > maximums.iterations) throw tooDear()
    return { algorithm, iterations, salt, digest }
  }
  const [memoryKiB, passes, lanes] = numbers
  if (memoryKiB < 8 * lanes || passes < 1 || lanes < 1) throw unreadable()
  const isDear = memoryKiB > maximums.memoryKiB || passes > maximums.passes || lanes > maximums.lanes
  if (isDear || memoryKiB * passes > maximums.work) throw tooDear()
  return { algorithm, memoryKiB, passes, lanes, salt, digest }
}

/** The text under which a hash is stored. */
export function formatPasswordHash(hash: PasswordHash): string {
  switch (hash.algorithm) {
    case 'bcrypt':
      return hash.text
    case 'argon2id':
    case 'argon2i':
    case 'argon2d': {
      const { algorithm, memoryKiB, passes, lanes, salt, digest } = hash
      return `$${algorithm}$v=19$m=${memoryKiB},t=${passes},p=${lanes}$${toBase64(salt)}$${toBase64(digest)}`
    }
    case 'pbkdf2-sha256':
    case 'pbkdf2-sha512':
    case 'pbkdf2-sha1':
      return `$${hash.algorithm}$i=${hash.iterations}$${toBase64(hash.salt)}$${toBase64(hash.digest)}`
    case 'scrypt':
    case 'firebase-scrypt':
      return formatScryptHash(hash)
  }
}

function parseBcrypt(text: string): BcryptHash {
  const cost = Number(bcrypt.exec(text)?.[1] ?? Number.NaN)
  if (Number.isNaN(cost) || cost < 4) throw unreadable()
  if (cost > maximums.bcryptCost) throw tooDear()
  return { algorithm: 'bcrypt', cost, text }
}
