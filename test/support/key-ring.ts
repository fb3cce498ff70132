import { generateRingKey, openKeyRing } from '../../src/crypto/master/open-key-ring.ts'
import { secretsOptions } from '../../src/crypto/master/options.ts'
import type { KeyRing } from '../../src/crypto/ring/key-ring.ts'
import { createOutboundClient } from '../../src/outbound/outbound-client.ts'
import { type MasterKeys, readMasterKeys } from '../../src/runtime/master-keys.ts'
import { createKeyRingStore } from '../../src/stores/key-ring-store.ts'
import type { Store } from '../../src/stores/store.ts'

/** What `portcullis secrets` does with a ring, on a store that is open. */
export interface TestKeyRing {
  rotate(): Promise<void>
  open(): Promise<KeyRing>
}

/** Makes a ring under a master key, given in Base64. */
export async function createTestKeyRing(store: Pick<Store, 'db'>, masterKey: string): Promise<TestKeyRing> {
  const options = secretsOptions.parse({ master: { key: 'env:TEST' } })
  const outbound = createOutboundClient()
  const { present, all }: MasterKeys = await readMasterKeys(options, async () => masterKey, outbound)
  await outbound.close()
  const keys = createKeyRingStore(store.db)
  const [active, index] = [await generateRingKey('active', present), await generateRingKey('index', present)]
  await keys.create({ active, index }, Date.now())
  return {
    rotate: async () => void (await keys.rotate(await generateRingKey('active', present), Date.now())),
    open: async () => openKeyRing(await keys.list(), all),
  }
}
