import { loadPolicies } from '../../runtime/load-policies.ts'
import { openSqliteStore } from '../../stores/sqlite/sqlite-store.ts'
import { type KeySurroundings, PolicyFileError } from './key-session.ts'

/** The real ones. */
export const keySurroundings: KeySurroundings = {
  async open(configPath) {
    // Only the store is of interest here, and an application's file names one too.
    const loaded = await loadPolicies(configPath, { embedded: true })
    if (!loaded.ok) throw new PolicyFileError(loaded.message)
    return openSqliteStore({ path: loaded.snapshot.data.path })
  },
  now: Date.now,
  write: (text) => void process.stdout.write(text),
  writeError: (text) => void process.stderr.write(text),
  exit: (code) => {
    process.exitCode = code
  },
}
