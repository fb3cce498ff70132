import { createCipheriv, scryptSync } from 'node:crypto'
import { maximums } from './parameters.ts'
import { hashTooDear, hashUnreadable } from './password-error.ts'
import { readBase64, toBase64 } from './phc-base64.ts'

/** Scrypt (RFC 7914) is read, for imports, but not made. */
export interface ScryptHash {
  /** `firebase-scrypt`: what Firebase makes of it, where scrypt is the key that a key of the project is encrypted with. */
  readonly algorithm: 'scrypt' | 'firebase-scrypt'
  /** The binary logarithm of N. */
  readonly costLog2: number
  readonly blockSize: number
  readonly lanes: number
  /** Of Firebase's, with the separator behind. */
  readonly salt: Uint8Array
  /** The signer key of a Firebase project; empty otherwise. */
  readonly signerKey: Uint8Array
  readonly digest: Uint8Array
}

const small = '([1-9]\\d{0,2})'
const base64 = '([A-Za-z0-9+/]{8,128})'
const plain = new RegExp(`^\\$scrypt\\$ln=${small},r=${small},p=${small}\\$${base64}\\$${base64}$`)
const firebase = new RegExp(`^\\$firebase-scrypt\\$ln=${small},r=${small}\\$${base64}\\$${base64}\\$${base64}$`)

/** Null where it is no such hash. Throws a `PasswordError` where it cannot be read or costs too much. */
export function parseScryptHash(text: string): ScryptHash | null {
  const ofProject = firebase.exec(text)
  const match = ofProject ?? plain.exec(text)
  if (match === null) return null
  const [costLog2, blockSize] = [Number(match[1]), Number(match[2])]
  const lanes = ofProject === null ? Number(match[3]) : 1
  const [salt, signerKey] = ofProject
    ? [readBase64(ofProject[3] as string), readBase64(ofProject[4] as string)]
    : [readBase64(match[4] as string), new Uint8Array(0)]
  const digest = readBase64(match[5] as string)
  if (salt.length < 6 || salt.length > 64 || digest.length < 16 || digest.length > 96) throw hashUnreadable()
  // N blocks of 128 r bytes. What is far out of bounds does not become a number that overflows.
  const memoryKiB = (2 ** costLog2 * blockSize) / 8
  if (memoryKiB > maximums.memoryKiB || lanes > maximums.lanes) throw hashTooDear()
  if (memoryKiB * lanes > maximums.work) throw hashTooDear()
  return { algorithm: ofProject ? 'firebase-scrypt' : 'scrypt', costLog2, blockSize, lanes, salt, signerKey, digest }
}

export function formatScryptHash({ algorithm, costLog2, blockSize, lanes, ...bytes }: ScryptHash): string {
  const [salt, digest] = [toBase64(bytes.salt), toBase64(bytes.digest)]
  return algorithm === 'scrypt'
    ? `$scrypt$ln=${costLog2},r=${blockSize},p=${lanes}$${salt}$${digest}`
    : `$firebase-scrypt$ln=${costLog2},r=${blockSize}$${salt}$${toBase64(bytes.signerKey)}$${digest}`
}

export function deriveScrypt(hash: ScryptHash, password: Uint8Array): Buffer {
  const { costLog2, blockSize, lanes, salt, digest, signerKey } = hash
  const maxmem = 128 * blockSize * (2 ** costLog2 + lanes + 8)
  const cost = { N: 2 ** costLog2, r: blockSize, p: lanes, maxmem }
  if (hash.algorithm === 'scrypt') return scryptSync(password, salt, digest.length, cost)
  const key = scryptSync(password, salt, 32, cost)
  return createCipheriv('aes-256-ctr', key, Buffer.alloc(16)).update(signerKey)
}
