import { hashUnreadable } from './password-error.ts'
import { formatPasswordHash, type PasswordHash, parsePasswordHash } from './password-hash.ts'

/**
 * A hash that another program made, as it is stored here. Salts that are text there are its bytes here. Throws a
 * `PasswordError` where it cannot be read, or costs more memory or time than is ever worked on.
 *
 * Read are PHC strings and bcrypt as they are, Django's (`pbkdf2_sha256$…`, `argon2$…`, `bcrypt$…`, `scrypt$…`), passlib's
 * (`$pbkdf2-sha256$29000$…`) and Werkzeug's (`pbkdf2:sha256:…`, `scrypt:…`).
 */
export function toPasswordHash(text: string): string {
  if (text.length > 512) throw hashUnreadable()
  const translated = translate(text)
  // Whatever it came from, the bounds are those of every stored hash.
  return formatPasswordHash(parsePasswordHash(translated))
}

function translate(text: string): string {
  if (text.startsWith('argon2$argon2')) return text.slice('argon2'.length)
  if (text.startsWith('bcrypt$$2')) return text.slice('bcrypt$'.length)
  const [first = '', ...rest] = text.split('$')
  if (first === '') return translatePasslib(text)
  return translateDjango(first, rest) ?? translateWerkzeug(first, rest) ?? text
}

const digests: Readonly<Record<string, string>> = {
  pbkdf2_sha1: 'pbkdf2-sha1',
  pbkdf2_sha256: 'pbkdf2-sha256',
  pbkdf2_sha512: 'pbkdf2-sha512',
}

function translateDjango(name: string, parts: readonly string[]): string | null {
  const algorithm = Object.hasOwn(digests, name) ? digests[name] : undefined
  if (algorithm !== undefined && parts.length === 3) {
    const [iterations, salt, digest] = parts as [string, string, string]
    return write({ algorithm, iterations: Number(iterations), salt: Buffer.from(salt), digest: fromBase64(digest) })
  }
  if (name !== 'scrypt' || parts.length !== 5) return null
  const [cost, salt, blockSize, lanes, digest] = parts as [string, string, string, string, string]
  return writeScrypt({ cost, blockSize, lanes, salt, digest: fromBase64(digest) })
}

function translateWerkzeug(method: string, parts: readonly string[]): string | null {
  const [name, ...numbers] = method.split(':')
  const [salt, hex] = parts
  if (salt === undefined || hex === undefined || parts.length !== 2 || !/^[0-9a-f]+$/.test(hex)) return null
  const digest = Buffer.from(hex, 'hex')
  if (name === 'pbkdf2' && numbers.length === 2) {
    const [algorithm, iterations] = [`pbkdf2-${numbers[0]}`, Number(numbers[1])]
    return write({ algorithm, iterations, salt: Buffer.from(salt), digest })
  }
  if (name !== 'scrypt' || numbers.length !== 3) return null
  const [cost, blockSize, lanes] = numbers as [string, string, string]
  return writeScrypt({ cost, blockSize, lanes, salt, digest })
}

/** `$pbkdf2$` is SHA-1 there, a bare number the iterations, and `.` stands for `+`. */
function translatePasslib(text: string): string {
  const match = /^\$pbkdf2(-sha256|-sha512)?\$(?:i=)?(\d{1,10})(?:,l=\d{1,3})?\$([^$]+)\$([^$]+)$/.exec(text)
  if (match === null) return text
  const [salt, digest] = [match[3] as string, match[4] as string].map((part) => part.replaceAll('.', '+'))
  return `$pbkdf2${match[1] ?? '-sha1'}$i=${match[2]}$${salt}$${digest}`
}

interface Pbkdf2Parts {
  readonly algorithm: string
  readonly iterations: number
  readonly salt: Uint8Array
  readonly digest: Uint8Array
}

function write(parts: Pbkdf2Parts): string {
  return formatPasswordHash(parts as PasswordHash)
}

interface ScryptParts {
  readonly cost: string
  readonly blockSize: string
  readonly lanes: string
  readonly salt: string
  readonly digest: Uint8Array
}

function writeScrypt({ cost, blockSize, lanes, salt, digest }: ScryptParts): string {
  const costLog2 = Math.log2(Number(cost))
  if (!Number.isInteger(costLog2)) throw hashUnreadable()
  return formatPasswordHash({
    ...{ algorithm: 'scrypt', costLog2, blockSize: Number(blockSize), lanes: Number(lanes) },
    ...{ salt: Buffer.from(salt), digest, signerKey: new Uint8Array(0) },
  })
}

function fromBase64(text: string): Uint8Array {
  return Buffer.from(text, 'base64')
}
