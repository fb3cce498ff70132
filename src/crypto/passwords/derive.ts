import { argon2Sync, pbkdf2Sync, randomBytes, timingSafeEqual } from 'node:crypto'
import { hashSync, verifySync } from '@node-rs/bcrypt'
import type { HashParameters } from './parameters.ts'
import { formatPasswordHash, type PasswordHash, parsePasswordHash } from './password-hash.ts'
import { deriveScrypt } from './scrypt-hash.ts'

/*
 * What the threads do. All of it blocks on purpose: the asynchronous forms would take libuv's pool, which WebCrypto,
 * file access and name look-ups share.
 */

const saltLength = 16
const digestLength = 32
/** bcrypt reads no further; two passwords that differ behind it would be the same. */
export const bcryptMaxBytes = 72

/** Makes a hash with a salt of its own. */
export function hashWith(parameters: HashParameters, password: Uint8Array): string {
  if (parameters.algorithm === 'bcrypt') return hashSync(password, parameters.cost)
  const salt = randomBytes(saltLength)
  const unfilled = { ...parameters, salt, digest: new Uint8Array(digestLength) }
  return formatPasswordHash({ ...unfilled, digest: derive(unfilled, password) })
}

/** Compares in a time that does not tell how much agrees. */
export function matches(text: string, password: Uint8Array): boolean {
  const hash = parsePasswordHash(text)
  // What is too long costs as much as what is not, and is refused.
  if (hash.algorithm === 'bcrypt') return verifySync(password, text) && password.length <= bcryptMaxBytes
  const derived = derive(hash, password)
  return derived.length === hash.digest.length && timingSafeEqual(derived, hash.digest)
}

type Derived = Exclude<PasswordHash, { algorithm: 'bcrypt' }>

export function derive(hash: Derived, password: Uint8Array): Buffer {
  const { salt, digest } = hash
  if ('costLog2' in hash) return deriveScrypt(hash, password)
  if ('iterations' in hash) {
    return pbkdf2Sync(password, salt, hash.iterations, digest.length, hash.algorithm.slice('pbkdf2-'.length))
  }
  return argon2Sync(hash.algorithm, {
    message: password,
    nonce: salt,
    memory: hash.memoryKiB,
    passes: hash.passes,
    parallelism: hash.lanes,
    tagLength: digest.length,
  })
}
