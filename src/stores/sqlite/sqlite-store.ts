import { resolve } from 'node:path'
import { Kysely } from 'kysely'
import { createAccountStore } from '../account-store.ts'
import { createKeyStore } from '../key-store.ts'
import { migrate } from '../migrate.ts'
import { createRevocationStore } from '../revocation-store.ts'
import { createRoleStore } from '../role-store.ts'
import type { Tables } from '../schema.ts'
import type { Store } from '../store.ts'
import { startCheckpointer } from './checkpointer.ts'
import { prepareSqliteFile } from './prepare-file.ts'
import { createSqliteDialect } from './sqlite-dialect.ts'
import { SqliteFile } from './sqlite-file.ts'
import { openSqliteReader } from './sqlite-reader.ts'
import { toStoreError } from './to-store-error.ts'

export interface SqliteStoreOptions {
  readonly path: string
  /** How long a call waits, without blocking its thread, while another connection writes. Default 5000. */
  readonly lockTimeoutMs?: number
  /** For a process that writes as long as it serves: a thread of its own moves the log into the file. Default false. */
  readonly serves?: boolean
}

/** 64 MiB: reached only where the thread that should move them cannot. */
const maxLogPages = 16_384

/** Everything that is kept in one database, for the one thread of a process that may write. */
export interface SqliteStore extends Store {
  readonly path: string
}

/**
 * Opens the database for writing; makes it where there is none (mode 0600, its folder 0700) and migrates it.
 * Rejects with a `StoreError`.
 */
export async function openSqliteStore(options: SqliteStoreOptions): Promise<SqliteStore> {
  const path = resolve(options.path)
  const { lockTimeoutMs = 5000, serves = false } = options
  await prepareSqliteFile(path, lockTimeoutMs)
  const file = new SqliteFile({ path, readOnly: false, busyTimeoutMs: 0, ...(serves && { maxLogPages }) })
  const db = new Kysely<Tables>({ dialect: createSqliteDialect(file, lockTimeoutMs) })
  try {
    await migrate(db)
  } catch (error) {
    file.close()
    throw toStoreError(error, path)
  }
  // A connection of its own: what is read between the steps of a transaction would be read inside of it.
  const reader = openSqliteReader({ path })
  const checkpointer = serves ? startCheckpointer(path) : null
  return {
    path,
    name: path,
    db,
    keys: createKeyStore(db),
    accounts: createAccountStore(db),
    roles: createRoleStore(db),
    revocations: createRevocationStore(db),
    changes: reader.changes,
    close() {
      reader.close()
      file.close()
      return checkpointer?.stop()
    },
  }
}
