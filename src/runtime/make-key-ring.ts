import type { MasterKey } from '../crypto/master/master-key.ts'
import { generateRingKey } from '../crypto/master/open-key-ring.ts'
import type { KeyRingLookup, KeyRingStore } from '../stores/ports/key-ring-store.ts'

/** Makes the key ring at a first start. Of several that do it at the same time one does; all use its ring. */
export async function makeKeyRing(lookup: KeyRingLookup, store: KeyRingStore, master: MasterKey): Promise<void> {
  if ((await lookup.list()).length > 0) return
  const [active, index] = [await generateRingKey('active', master), await generateRingKey('index', master)]
  await store.create({ active, index }, Date.now())
}
