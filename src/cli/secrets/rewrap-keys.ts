import { unwrapRingKey } from '../../crypto/master/open-key-ring.ts'
import type { MasterKeys } from '../../runtime/master-keys.ts'
import type { KeyRingStore, StoredRingKey } from '../../stores/ports/key-ring-store.ts'

/**
 * Wraps keys under the present master key, one after the other: cut short, the next run does those that are left.
 * What the present master key wrapped already is brought to its newest version, where it has versions.
 * @returns how many were wrapped anew
 */
export async function rewrapKeys(
  store: KeyRingStore,
  keys: readonly StoredRingKey[],
  { present, all }: MasterKeys,
  onProgress: (done: number) => void,
): Promise<number> {
  let changed = 0
  for (const [at, key] of keys.entries()) {
    const wrapped = await wrapAnew(key, { present, all })
    if (wrapped !== null && (await store.rewrap(key.id, key.wrapped, { masterId: present.id, wrapped }, Date.now()))) {
      changed++
    }
    onProgress(at + 1)
  }
  return changed
}

async function wrapAnew(key: StoredRingKey, { present, all }: MasterKeys): Promise<string | null> {
  if (key.masterId === present.id) return (await present.rewrap?.(key.wrapped, key.id)) ?? null
  const { secret } = await unwrapRingKey(key, all)
  const wrapped = await present.wrap(secret, key.id)
  // Nothing is given up for what cannot be opened again.
  const opened = await present.unwrap(wrapped, key.id)
  if (!Buffer.from(opened).equals(secret)) throw new Error(`the key ${key.id} came back as another one`)
  return wrapped
}
