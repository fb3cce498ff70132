import { resolve } from 'node:path'
import { type CompiledQuery, Kysely } from 'kysely'
import { createAccountLookup } from '../account-lookup.ts'
import { compilePositionQuery } from '../changes.ts'
import { createKeyLookup } from '../key-lookup.ts'
import { StoreError } from '../ports/store-error.ts'
import { createRevocationLookup } from '../revocation-lookup.ts'
import { createRoleLookup } from '../role-lookup.ts'
import type { Tables } from '../schema.ts'
import type { StoreReader } from '../store.ts'
import { toFilePosition } from './file-position.ts'
import { createSqliteDialect } from './sqlite-dialect.ts'
import { SqliteFile } from './sqlite-file.ts'

export interface SqliteReaderOptions {
  readonly path: string
  /** How long one read may block the thread that serves requests. Default 50: in WAL mode readers hardly ever wait. */
  readonly busyTimeoutMs?: number
  /** How long reads fail at once after one failed, so that a broken file does not block every request. Default 250. */
  readonly retryAfterMs?: number
}

/** What a worker thread may do with the database: read. */
export interface SqliteReader extends StoreReader {
  readonly writes: false
  close(): void
}

/** Opens the database for reading, when it is first needed: a file that is missing or locked now may be there later. */
export function openSqliteReader(options: SqliteReaderOptions): SqliteReader {
  const { busyTimeoutMs = 50, retryAfterMs = 250 } = options
  const file = new SqliteFile({ path: resolve(options.path), readOnly: true, busyTimeoutMs })
  // Queries are only compiled by it; they run below, without promises.
  const db = new Kysely<Tables>({ dialect: createSqliteDialect(file, 0) })
  let failed: StoreError | null = null
  let retryAt = 0

  function read<Row>(query: CompiledQuery<Row>): Row[] {
    if (failed !== null && performance.now() < retryAt) throw failed
    try {
      const { rows } = file.run(query.sql, query.parameters)
      failed = null
      return rows as Row[]
    } catch (error) {
      if (error instanceof StoreError) {
        failed = error
        retryAt = performance.now() + retryAfterMs
      }
      throw error
    }
  }

  const positionQuery = compilePositionQuery(db)
  return {
    writes: false,
    db,
    read,
    keys: createKeyLookup(db, read),
    revocations: createRevocationLookup(db, read),
    accounts: createAccountLookup(db, read),
    roles: createRoleLookup(db, read),
    changes: { position: () => toFilePosition(file, read(positionQuery)) },
    close: () => file.close(),
  }
}
