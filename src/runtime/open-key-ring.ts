import type { PolicyFile } from '../config/define-config.ts'
import { openKeyRing as unwrapKeyRing } from '../crypto/master/open-key-ring.ts'
import type { KeyRing } from '../crypto/ring/key-ring.ts'
import { createOutboundClient } from '../outbound/outbound-client.ts'
import { createKeyRingStore } from '../stores/key-ring-store.ts'
import { openStore } from '../stores/open-store.ts'
import { loadPolicies } from './load-policies.ts'
import { openMasterKeys } from './master-keys.ts'
import { resolveStoreLocation } from './store-location.ts'

/**
 * Opens the key ring that `portcullis secrets rotate` made, for the fields of an application's own records. The keys
 * are held in memory from then on; open it again to encrypt with the key of a later rotation.
 *
 * @param config a policy file's path, or what `defineConfig()` returns; it has a block `secrets`. Default `portcullis.yaml`
 * @throws where the file is wrong, the store or the master key cannot be reached, or there is no ring
 */
export async function openKeyRing(config: string | PolicyFile = 'portcullis.yaml'): Promise<KeyRing> {
  const loaded = await loadPolicies(config, { embedded: true })
  if (!loaded.ok) throw new Error(loaded.message)
  const outbound = createOutboundClient()
  try {
    const masters = await openMasterKeys(loaded.snapshot, outbound)
    if (masters === null) throw new Error('the policy file names no master key: write the block secrets into it')
    const store = await openStore(await resolveStoreLocation(loaded.snapshot))
    const keys = await createKeyRingStore(store.db)
      .list()
      .finally(() => store.close())
    if (keys.length === 0) throw new Error('there is no key ring yet: portcullis secrets rotate makes it')
    return await unwrapKeyRing(keys, masters.all)
  } finally {
    await outbound.close()
  }
}
