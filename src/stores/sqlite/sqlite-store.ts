import { resolve } from 'node:path'
import { Kysely } from 'kysely'
import { createAccountStore } from '../account-store.ts'
import { createKeyStore } from '../key-store.ts'
import { migrate } from '../migrate.ts'
import { createRevocationStore } from '../revocation-store.ts'
import { createRoleStore } from '../role-store.ts'
import type { Tables } from '../schema.ts'
import type { Store } from '../store.ts'
import { prepareSqliteFile } from './prepare-file.ts'
import { createSqliteDialect } from './sqlite-dialect.ts'
import { SqliteFile } from './sqlite-file.ts'
import { openSqliteReader } from './sqlite-reader.ts'
import { toStoreError } from './to-store-error.ts'

export interface SqliteStoreOptions {
  readonly path: string
  /** How long a call waits, without blocking its thread, while another connection writes. Default 5000. */
  readonly lockTimeoutMs?: number
}

/** Everything that is kept in one database, for the one thread of a process that may write. */
export interface SqliteStore extends Store {
  readonly path: string
  close(): void
}

/**
 * Opens the database for writing; makes it where there is none (mode 0600, its folder 0700) and migrates it.
 * Rejects with a `StoreError`.
 */
export async function openSqliteStore(options: SqliteStoreOptions): Promise<SqliteStore> {
  const path = resolve(options.path)
  const { lockTimeoutMs = 5000 } = options
  await prepareSqliteFile(path, lockTimeoutMs)
  const file = new SqliteFile({ path, readOnly: false, busyTimeoutMs: 0 })
  const db = new Kysely<Tables>({ dialect: createSqliteDialect(file, lockTimeoutMs) })
  try {
    await migrate(db)
  } catch (error) {
    file.close()
    throw toStoreError(error, path)
  }
  // A connection of its own: what is read between the steps of a transaction would be read inside of it.
  const reader = openSqliteReader({ path })
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
    },
  }
}
