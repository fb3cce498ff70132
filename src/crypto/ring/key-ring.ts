import { createHmac, hkdfSync } from 'node:crypto'
import { formatCiphertext, parseCiphertext } from './ciphertext.ts'
import { type EncryptionContext, encodeContext } from './context.ts'
import { DecryptionError } from './decryption-error.ts'
import { openXaes, sealXaes } from './xaes.ts'

/** A key of the ring, unwrapped. */
export interface RingKey {
  /** 12 letters and digits; stands in every ciphertext. */
  readonly id: string
  /** `active`: encrypts, and there is one. `retired`: decrypts. `index`: for blind indexes, and there is one. */
  readonly role: 'active' | 'retired' | 'index'
  /** 32 random bytes. */
  readonly secret: Uint8Array
}

/** Encrypts with its active key and decrypts with all of them. */
export interface KeyRing {
  readonly activeId: string
  readonly ids: readonly string[]
  /** @returns text that names the key; two calls never return the same */
  encrypt(plain: Uint8Array, context: EncryptionContext): string
  /** @throws `DecryptionError` */
  decrypt(text: string, context: EncryptionContext): Uint8Array
  /** Whether the text is a ciphertext that another key than the active one made. */
  isOutdated(text: string): boolean
  /** A keyed digest: equal for equal bytes in one context, and of no use without the key. Rotation does not change it. */
  blindIndex(plain: Uint8Array, context: EncryptionContext): string
}

/**
 * Puts keys together. The keys themselves are derived once more for what they are used for, so that none is used twice.
 * @throws where there is not exactly one active and one index key, or a key is not as it should be
 */
export function createKeyRing(keys: readonly RingKey[]): KeyRing {
  for (const { id, secret } of keys) checkKey(id, secret)
  const [active, ...furtherActive] = keys.filter(({ role }) => role === 'active')
  const [index, ...furtherIndex] = keys.filter(({ role }) => role === 'index')
  if (active === undefined || furtherActive.length > 0) throw new TypeError('a key ring has exactly one active key')
  if (index === undefined || furtherIndex.length > 0) throw new TypeError('a key ring has exactly one index key')
  const secrets = new Map(keys.filter((key) => key !== index).map(({ id, secret }) => [id, derive(secret, 'encrypt')]))
  if (secrets.size !== keys.length - 1) throw new TypeError('two keys of a ring have the same id')
  const indexSecret = derive(index.secret, 'index')
  const activeId = active.id
  const activeSecret = secrets.get(activeId) as Buffer

  return {
    activeId,
    ids: [...secrets.keys()],
    encrypt(plain, context) {
      return formatCiphertext({ keyId: activeId, sealed: sealXaes(activeSecret, plain, toAad(activeId, context)) })
    },
    decrypt(text, context) {
      const ciphertext = parseCiphertext(text)
      if (ciphertext === null) throw new DecryptionError('malformed', 'this is no ciphertext')
      const { keyId, sealed } = ciphertext
      const secret = secrets.get(keyId)
      if (secret === undefined) throw new DecryptionError('key_unknown', `the key ring has no key ${keyId}`)
      const plain = openXaes(secret, sealed, toAad(keyId, context))
      if (plain !== null) return plain
      throw new DecryptionError('not_authentic', 'the ciphertext was changed, or belongs to another context')
    },
    isOutdated(text) {
      const ciphertext = parseCiphertext(text)
      return ciphertext !== null && ciphertext.keyId !== activeId
    },
    blindIndex(plain, context) {
      return createHmac('sha256', indexSecret).update(encodeContext(context)).update(plain).digest('base64url')
    },
  }
}

function checkKey(id: string, secret: Uint8Array): void {
  if (!/^[0-9A-Za-z]{12}$/.test(id)) throw new TypeError(`"${id}" is no key id: 12 letters and digits`)
  if (secret.length !== 32) throw new TypeError(`the key ${id} must have 32 bytes`)
}

function derive(secret: Uint8Array, use: string): Buffer {
  return Buffer.from(hkdfSync('sha256', secret, '', `portcullis key ring v1: ${use}`, 32))
}

function toAad(keyId: string, context: EncryptionContext): Buffer {
  return Buffer.concat([Buffer.from(`pce1.${keyId}.`), encodeContext(context)])
}
