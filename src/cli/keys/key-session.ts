import { StoreError } from '../../stores/ports/store-error.ts'
import type { SqliteStore } from '../../stores/sqlite/sqlite-store.ts'

/** What the commands reach for; a test brings its own. */
export interface KeySurroundings {
  /** Opens the store that a policy file names. */
  readonly open: (configPath: string) => Promise<SqliteStore>
  readonly now: () => number
  readonly write: (text: string) => void
  readonly writeError: (text: string) => void
  /** 0 fine, 1 it could not be done, 2 wrong use. */
  readonly exit: (code: 0 | 1 | 2) => void
}

/** The policy file cannot be read or has errors, which are in the message. */
export class PolicyFileError extends Error {}

/** What a command ends with when it cannot do what it was asked: the message for the person who asked. */
export class KeyCommandError extends Error {}

/** Runs a command on the store and closes it; says in one line what went wrong. */
export async function withStore(
  surroundings: KeySurroundings,
  configPath: string,
  run: (store: SqliteStore) => Promise<void>,
): Promise<void> {
  let store: SqliteStore | null = null
  try {
    store = await surroundings.open(configPath)
    await run(store)
  } catch (error) {
    const wrongFile = error instanceof PolicyFileError
    if (!(wrongFile || error instanceof StoreError || error instanceof KeyCommandError)) throw error
    surroundings.writeError(`${error.message}\n`)
    surroundings.exit(wrongFile ? 2 : 1)
  } finally {
    store?.close()
  }
}
