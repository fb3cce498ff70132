import { loadPolicyFile } from '../../config/load-policy-file.ts'
import { MasterKeyError } from '../../crypto/master/master-key.ts'
import { createOutboundClient } from '../../outbound/outbound-client.ts'
import { auditKeyRing } from '../../runtime/audited.ts'
import { type MasterKeys, openMasterKeys } from '../../runtime/master-keys.ts'
import { resolveStoreLocation } from '../../runtime/store-location.ts'
import { openStore } from '../../stores/open-store.ts'
import type { KeyRingStore } from '../../stores/ports/key-ring-store.ts'
import { StoreError } from '../../stores/ports/store-error.ts'
import type { Store } from '../../stores/store.ts'
import { printErrors, printFailure } from '../print-failure.ts'
import { readActor } from '../read-actor.ts'

/** What a command ends with when it cannot do what it was asked: the message for the person who asked. */
export class SecretsCommandError extends Error {}

export interface SecretsSession {
  readonly keyRing: KeyRingStore
  readonly masters: MasterKeys
}

interface Common {
  readonly config: string
  readonly json?: true
}

/** Runs a command on the store and the master keys that a policy file names; says in one line what went wrong. */
export async function withSecrets(
  { config, json }: Common,
  run: (session: SecretsSession) => Promise<void>,
): Promise<void> {
  const loaded = await loadPolicyFile(config, { embedded: true })
  if (!loaded.ok) {
    printErrors(loaded.errors, json)
    process.exitCode = 2
    return
  }
  const outbound = createOutboundClient()
  let store: Store | null = null
  try {
    const masters = await openMasterKeys(loaded.snapshot, outbound)
    if (masters === null) {
      const advice = 'write secrets: { master: { key: env:PORTCULLIS_MASTER_KEY } } into it'
      throw new SecretsCommandError(`${config} names no master key: ${advice}`)
    }
    store = await openStore(await resolveStoreLocation(loaded.snapshot))
    await run({ keyRing: auditKeyRing(store.db, readActor()), masters })
  } catch (error) {
    if (!isExpected(error)) throw error
    printFailure(error.message, json)
    process.exitCode = 1
  } finally {
    await store?.close()
    await outbound.close()
  }
}

function isExpected(error: unknown): error is Error {
  if (error instanceof StoreError || error instanceof MasterKeyError || error instanceof SecretsCommandError)
    return true
  return error instanceof Error && /^(env|file):/.test(error.message)
}
