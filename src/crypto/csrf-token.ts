import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'

/*
 * A token is when it was made, a nonce and an HMAC-SHA256 over both and over what it is bound to, in base64url. No two
 * are alike, so that a compressed page does not give one away by its length (BREACH).
 */

const timeBytes = 6
const nonceBytes = 16
const signedBytes = timeBytes + nonceBytes
const form = /^[A-Za-z0-9_-]{72}$/

/** @param binding what the token is good together with: a session's id, or what another cookie holds */
export function createCsrfToken(key: Uint8Array, binding: string, now: number): string {
  const head = Buffer.alloc(signedBytes)
  head.writeUIntBE(now, 0, timeBytes)
  randomBytes(nonceBytes).copy(head, timeBytes)
  return Buffer.concat([head, sign(key, head, binding)]).toString('base64url')
}

/** Whether a token was made here, for this binding, within the last `lifetimeMs`. */
export function isCsrfToken(key: Uint8Array, token: string, binding: string, now: number, lifetimeMs: number): boolean {
  if (!form.test(token)) return false
  const bytes = Buffer.from(token, 'base64url')
  const head = bytes.subarray(0, signedBytes)
  if (!timingSafeEqual(bytes.subarray(signedBytes), sign(key, head, binding))) return false
  const age = now - head.readUIntBE(0, timeBytes)
  return age < lifetimeMs && age >= -60_000
}

function sign(key: Uint8Array, head: Buffer, binding: string): Buffer {
  return createHmac('sha256', key).update('portcullis-csrf\n').update(head).update(binding).digest()
}
