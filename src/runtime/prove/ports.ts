import type { Snapshot } from '../../config/snapshot.ts'
import { createProvide, type Provide } from '../../core/ports.ts'
import type { PolicyLog } from '../../core/telemetry.ts'
import type { OwnPasswordHasher } from '../../crypto/passwords/password-hasher.ts'
import { passwordHasherPort } from '../../crypto/passwords/password-hasher-port.ts'
import { type KeyRings, keyRingsPort } from '../../crypto/ring/live-key-ring.ts'
import type { OutboundClient } from '../../outbound/outbound.ts'
import { accountStorePort } from '../../stores/ports/account-store.ts'
import { dataFolderPort } from '../../stores/ports/data-folder.ts'
import { keyRingStorePort } from '../../stores/ports/key-ring-store.ts'
import { peopleStorePort } from '../../stores/ports/people-store.ts'
import type { Store } from '../../stores/store.ts'
import { auditAccounts } from '../audited.ts'
import { createKeyRings } from '../key-rings.ts'
import { createPeopleStore } from '../people-store.ts'
import { writePorts } from '../store-ports.ts'

export interface ProofParts {
  readonly store: Store
  readonly outbound: OutboundClient
  readonly passwords: OwnPasswordHasher
  readonly log: PolicyLog
}

/** What callers are made with: the store, the keys and the folder of the deployment. */
export function createProofProvide(snapshot: Snapshot, { store, outbound, passwords, log }: ProofParts): Provide {
  const ports = writePorts(store.db)
  const rings = createProvide(ports)(keyRingStorePort)
  return createProvide([
    ...ports,
    [accountStorePort, auditAccounts(store.db, 'prove')],
    [peopleStorePort, createPeopleStore(store.db, 'prove')],
    [passwordHasherPort, passwords],
    [dataFolderPort, { path: snapshot.dataFolder }],
    [keyRingsPort, openOnce(createKeyRings({ lookup: rings, store: rings, outbound, epoch: still, log }))],
  ])
}

/** A rotation in the middle of a run is found by the key that is not known. */
const still = { current: () => 0 }

/** The master key may lie with a service that is asked over the network: once is enough for all callers. */
function openOnce(rings: KeyRings): KeyRings {
  const opened = new Map<string, ReturnType<KeyRings['open']>>()
  return {
    open(secrets, read) {
      const key = JSON.stringify(secrets)
      const ring = opened.get(key) ?? rings.open(secrets, read)
      opened.set(key, ring)
      return ring
    },
  }
}
