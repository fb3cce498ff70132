import { maximums } from './parameters.ts'
import { PasswordError } from './password-error.ts'

/** A stored hash, taken apart. */
export type PasswordHash = Argon2Hash | BcryptHash | Pbkdf2Hash

export interface Argon2Hash {
  /** `argon2i` is read, for imports, but not made. */
  readonly algorithm: 'argon2id' | 'argon2i'
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
  readonly algorithm: 'pbkdf2-sha256' | 'pbkdf2-sha512'
  readonly iterations: number
  readonly salt: Uint8Array
  readonly digest: Uint8Array
}

const maxLength = 512
const wholeNumber = '(0|[1-9]\\d{0,9})'
const base64 = '([A-Za-z0-9+/]{11,128})'
const argon2 = new RegExp(
  `^\\$(argon2id|argon2i)\\$v=19\\$m=${wholeNumber},t=${wholeNumber},p=${wholeNumber}\\$${base64}\\$${base64}$`,
)
const pbkdf2 = new RegExp(`^\\$(pbkdf2-sha256|pbkdf2-sha512)\\$i=${wholeNumber}\\$${base64}\\$${base64}$`)
const bcrypt = /^\$2[aby]\$(\d\d)\$[./A-Za-z0-9]{53}$/

/**
 * Reads a hash in the PHC string format (`$argon2id$v=19$m=…,t=…,p=…$salt$digest`, `$pbkdf2-sha256$i=…$salt$digest`) or
 * in bcrypt's own (`$2b$…`). Throws a `PasswordError` where it is none of them, or costs more than is ever worked on.
 */
export function parsePasswordHash(text: string): PasswordHash {
  if (text.length > maxLength) throw unreadable()
  const match = argon2.exec(text) ?? pbkdf2.exec(text)
  if (match === null) return parseBcrypt(text)
  const numbers = match.slice(2, -2).map(Number) as [number, number, number]
  const salt = readBase64(match.at(-2) as string)
  const digest = readBase64(match.at(-1) as string)
  if (salt.length < 8 || salt.length > 64 || digest.length < 16 || digest.length > 64) throw unreadable()
  const algorithm = match[1] as Argon2Hash['algorithm'] | Pbkdf2Hash['algorithm']
  if (algorithm === 'pbkdf2-sha256' || algorithm === 'pbkdf2-sha512') {
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
    case 'argon2i': {
      const { algorithm, memoryKiB, passes, lanes, salt, digest } = hash
      return `$${algorithm}$v=19$m=${memoryKiB},t=${passes},p=${lanes}$${toBase64(salt)}$${toBase64(digest)}`
    }
    case 'pbkdf2-sha256':
    case 'pbkdf2-sha512':
      return `$${hash.algorithm}$i=${hash.iterations}$${toBase64(hash.salt)}$${toBase64(hash.digest)}`
  }
}

function parseBcrypt(text: string): BcryptHash {
  const cost = Number(bcrypt.exec(text)?.[1] ?? Number.NaN)
  if (Number.isNaN(cost) || cost < 4) throw unreadable()
  if (cost > maximums.bcryptCost) throw tooDear()
  return { algorithm: 'bcrypt', cost, text }
}

/** Base64 without padding, as PHC strings have it; one text per value. */
function readBase64(text: string): Uint8Array {
  const bytes = Buffer.from(text, 'base64')
  if (toBase64(bytes) !== text) throw unreadable()
  return bytes
}

function toBase64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64').replace(/=+$/, '')
}

function unreadable(): PasswordError {
  return new PasswordError(
    'hash_invalid',
    'the stored hash is none of Argon2, bcrypt or PBKDF2 in a form that is read here',
  )
}

function tooDear(): PasswordError {
  return new PasswordError('hash_invalid', 'the stored hash asks for more memory or time than is allowed')
}
