import { loadPolicyFile } from '../../config/load-policy-file.ts'
import { resolveStoreLocation } from '../../runtime/store-location.ts'
import { openStore } from '../../stores/open-store.ts'
import { standardOutput } from '../print-failure.ts'
import { type KeySurroundings, PolicyFileError } from './key-session.ts'

/** The real ones. */
export const keySurroundings: KeySurroundings = {
  async open(configPath) {
    // Only the store is of interest here, and an application's file names one too.
    const loaded = await loadPolicyFile(configPath, { embedded: true })
    if (!loaded.ok) throw new PolicyFileError(loaded.errors)
    return openStore(await resolveStoreLocation(loaded.snapshot))
  },
  input: () => process.stdin,
  now: Date.now,
  ...standardOutput,
  exit: (code) => {
    process.exitCode = code
  },
}
