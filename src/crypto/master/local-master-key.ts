import { createHash, hkdfSync, randomBytes } from 'node:crypto'
import { encodeContext } from '../ring/context.ts'
import { openXaes, sealXaes } from '../ring/xaes.ts'
import { type MasterKey, MasterKeyError } from './master-key.ts'

/** A master key that this process holds itself: 32 bytes from an environment variable or a file. */
export function createLocalMasterKey(key: Uint8Array): MasterKey {
  const secret = Buffer.from(hkdfSync('sha256', key, '', 'portcullis master key v1: wrap', 32))
  const id = `local:${createHash('sha256').update('portcullis master key v1: id').update(secret).digest('hex').slice(0, 16)}`
  const toAad = (keyId: string) => encodeContext(['portcullis ring key', keyId])
  const wrap = async (plain: Uint8Array, keyId: string) => sealXaes(secret, plain, toAad(keyId)).toString('base64url')
  return {
    id,
    wrap,
    async generate(keyId) {
      const made = randomBytes(32)
      return { secret: made, wrapped: await wrap(made, keyId) }
    },
    async unwrap(wrapped, keyId) {
      const plain = openXaes(secret, Buffer.from(wrapped, 'base64url'), toAad(keyId))
      if (plain !== null) return plain
      throw new MasterKeyError(`the master key ${id} does not open the key ${keyId}: it was changed in the store`)
    },
  }
}
