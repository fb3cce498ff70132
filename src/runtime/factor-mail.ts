import type { Snapshot } from '../config/snapshot.ts'
import { openKeyRing } from '../crypto/master/open-key-ring.ts'
import { createSealedPayloads } from '../identity/artefacts/sealed-payloads.ts'
import { createFactorMail } from '../identity/factors/mails.ts'
import type { IdentityOptions } from '../identity/options.ts'
import { en } from '../identity/texts/en.ts'
import { createTexts } from '../identity/texts/texts.ts'
import { createOutboundClient } from '../outbound/outbound-client.ts'
import { createKeyRingStore } from '../stores/key-ring-store.ts'
import type { AccountRecord } from '../stores/ports/account-store.ts'
import type { NewMail } from '../stores/ports/mail-store.ts'
import type { Store } from '../stores/store.ts'
import { openMasterKeys } from './master-keys.ts'

/**
 * The mail that tells an owner that their second factors were removed by hand, sealed as those that the gateway sends;
 * null where no mail reaches them.
 */
export async function createResetMail(
  snapshot: Snapshot,
  store: Pick<Store, 'db'>,
  account: Pick<AccountRecord, 'username'>,
  now: () => number,
): Promise<NewMail | null> {
  const factorOptions = snapshot.blocks.identity as IdentityOptions | undefined
  if (factorOptions?.mail === undefined) return null
  const outbound = createOutboundClient()
  try {
    const masters = await openMasterKeys(snapshot, outbound)
    const keys = await createKeyRingStore(store.db).list()
    // Before the first start of the gateway there is no ring, and nobody has a second factor.
    if (masters === null || keys.length === 0) return null
    const ring = await openKeyRing(keys, masters.all)
    const payloads = createSealedPayloads({ current: () => ring, withKey: async () => ring })
    return createFactorMail({ factorOptions, payloads, now }, createTexts('en', en), account, 'reset')
  } finally {
    await outbound.close()
  }
}
