import type { KeyRings } from '../crypto/ring/live-key-ring.ts'
import type { OutboundClient } from '../outbound/outbound.ts'
import type { KeyRingLookup, KeyRingStore } from '../stores/ports/key-ring-store.ts'
import { type FollowedRing, followKeyRing } from './follow-key-ring.ts'
import { makeKeyRing } from './make-key-ring.ts'
import { readMasterKeys } from './master-keys.ts'

export interface KeyRingSources extends Pick<FollowedRing, 'epoch' | 'log'> {
  readonly lookup: KeyRingLookup
  readonly store: KeyRingStore
  readonly outbound: OutboundClient
}

/** Opens key rings of the store with the master keys that the policy file names. */
export function createKeyRings({ lookup, store, outbound, epoch, log }: KeyRingSources): KeyRings {
  return {
    async open(secrets, read, make) {
      const { present, all: masters } = await readMasterKeys(secrets, read, outbound)
      if (make !== undefined) await makeKeyRing(lookup, store, present)
      return followKeyRing({ store: lookup, masters, epoch, log, now: () => performance.now() })
    },
  }
}
