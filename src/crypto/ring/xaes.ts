import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'

/*
 * XAES-256-GCM (C2SP): the first half of a random 192-bit nonce derives a key of its own for each message, the second
 * half is the 96-bit nonce of AES-256-GCM under it. Random nonces of plain AES-GCM are safe for 2^32 messages per key
 * (NIST SP 800-38D section 8.3); these are for 2^80, so that nobody has to count messages over threads and machines.
 */

export const nonceLength = 24
export const tagLength = 16
const derivingLength = 12
const zeros = Buffer.alloc(16)

/** Encrypts under a key of 32 bytes and returns nonce, ciphertext and tag in one. */
export function sealXaes(
  key: Uint8Array,
  plain: Uint8Array,
  aad: Uint8Array,
  nonce = randomBytes(nonceLength),
): Buffer {
  const cipher = createCipheriv('aes-256-gcm', deriveKey(key, nonce), nonce.subarray(derivingLength))
  cipher.setAAD(aad)
  return Buffer.concat([nonce, cipher.update(plain), cipher.final(), cipher.getAuthTag()])
}

/** Reads what `sealXaes` made; null where key, context or any bit differ. */
export function openXaes(key: Uint8Array, sealed: Uint8Array, aad: Uint8Array): Buffer | null {
  if (sealed.length < nonceLength + tagLength) return null
  const nonce = sealed.subarray(0, nonceLength)
  const options = { authTagLength: tagLength }
  const decipher = createDecipheriv('aes-256-gcm', deriveKey(key, nonce), nonce.subarray(derivingLength), options)
  decipher.setAAD(aad)
  decipher.setAuthTag(sealed.subarray(-tagLength))
  const plain = decipher.update(sealed.subarray(nonceLength, -tagLength))
  try {
    decipher.final()
  } catch {
    return null
  }
  return plain
}

/** AES-CMAC over two counters (NIST SP 800-108), which for one block each is an encryption of the masked block. */
function deriveKey(key: Uint8Array, nonce: Uint8Array): Buffer {
  const subkey = double(encryptBlock(key, zeros))
  const block = (counter: number) => {
    const message = Buffer.concat([Buffer.from([0, counter, 0x58, 0]), nonce.subarray(0, derivingLength)])
    return encryptBlock(
      key,
      message.map((byte, at) => byte ^ (subkey[at] as number)),
    )
  }
  return Buffer.concat([block(1), block(2)])
}

function encryptBlock(key: Uint8Array, block: Uint8Array): Buffer {
  return createCipheriv('aes-256-ecb', key, null).setAutoPadding(false).update(block)
}

/** Times x in the field of CMAC. */
function double(block: Buffer): Buffer {
  const carries = (block[0] as number) >>> 7
  const doubled = Buffer.from(block.map((byte, at) => ((byte << 1) | ((block[at + 1] ?? 0) >>> 7)) & 0xff))
  doubled[15] = (doubled[15] as number) ^ (carries * 0x87)
  return doubled
}
