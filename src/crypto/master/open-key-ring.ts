import { randomText } from '../random-text.ts'
import { createKeyRing, type KeyRing, type RingKey } from '../ring/key-ring.ts'
import { type MasterKey, MasterKeyError } from './master-key.ts'

/** A key of the ring as it is stored. */
export interface WrappedKey {
  readonly id: string
  readonly role: RingKey['role']
  /** The master key that wrapped it. */
  readonly masterId: string
  readonly wrapped: string
}

/** Makes a key for the ring. */
export async function generateRingKey(role: 'active' | 'index', master: MasterKey): Promise<WrappedKey> {
  const id = randomText(12)
  const { wrapped } = await master.generate(id)
  return { id, role, masterId: master.id, wrapped }
}

/** Unwraps one; rejects where its master key is not among those that are there. */
export async function unwrapRingKey(key: WrappedKey, masters: readonly MasterKey[]): Promise<RingKey> {
  const master = masters.find(({ id }) => id === key.masterId)
  if (master === undefined) {
    const advice = 'give that master key again, or name it under secrets.previous beside the new one'
    throw new MasterKeyError(`the key ${key.id} was wrapped by the master key ${key.masterId}: ${advice}`)
  }
  return { id: key.id, role: key.role, secret: await master.unwrap(key.wrapped, key.id) }
}

/** Unwraps the ring. */
export async function openKeyRing(keys: readonly WrappedKey[], masters: readonly MasterKey[]): Promise<KeyRing> {
  return createKeyRing(await Promise.all(keys.map((key) => unwrapRingKey(key, masters))))
}
