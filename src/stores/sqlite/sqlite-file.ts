import { statSync } from 'node:fs'
import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite'
import { pathToFileURL } from 'node:url'
import { StoreError } from '../ports/store-error.ts'
import { toStoreError } from './to-store-error.ts'

export interface SqliteFileOptions {
  /** Absolute. */
  readonly path: string
  readonly readOnly: boolean
  /** How long a call may block this thread while another process holds the lock. */
  readonly busyTimeoutMs: number
  /** From so many pages on, a commit moves the log (WAL) into the file. Default 1000, as SQLite has it. */
  readonly maxLogPages?: number
}

export interface StatementResult {
  readonly rows: unknown[]
  readonly changes: number
}

interface Open {
  readonly database: DatabaseSync
  /** Which file it is: a path may come to name another one, and SQLite would go on with the old. */
  readonly identity: string
  readonly statements: Map<string, Prepared>
}

interface Prepared {
  readonly statement: StatementSync
  readonly returnsRows: boolean
}

const maxStatements = 100
const identityCheckMs = 100
/**
 * What one connection may keep of the file, in KiB. SQLite's own 2 MiB do not hold the inner pages of the indexes of a
 * million keys, so that a look-up read several of them again; memory is taken only as pages are read.
 */
const cacheKiB = 32 * 1024

/**
 * One connection to a database file. It opens when it is first used, and again after the file was found to be another
 * one, missing or corrupt, so that a restored file is taken up without a restart. Errors are `StoreError`s.
 */
export class SqliteFile {
  readonly path: string
  readonly #options: SqliteFileOptions
  #open: Open | null = null
  #checkedAt = 0

  constructor(options: SqliteFileOptions) {
    this.path = options.path
    this.#options = options
  }

  /** Runs one statement. Statements are prepared once per text, so values belong into `parameters`. */
  run(sql: string, parameters: readonly unknown[]): StatementResult {
    try {
      const { statement, returnsRows } = this.#prepare(sql)
      const values = parameters as SQLInputValue[]
      if (returnsRows) return { rows: statement.all(...values), changes: 0 }
      return { rows: [], changes: Number(statement.run(...values).changes) }
    } catch (error) {
      throw this.#giveUp(error)
    }
  }

  /** True between the beginning and the end of a transaction; SQLite ends some by itself when they fail. */
  get inTransaction(): boolean {
    return this.#open?.database.isTransaction ?? false
  }

  /** Tells this file from any other that may come to stand under its path. */
  get identity(): string {
    return this.#current().identity
  }

  close(): void {
    const open = this.#open
    this.#open = null
    open?.database.close()
  }

  #prepare(sql: string): Prepared {
    const { database, statements } = this.#current()
    let prepared = statements.get(sql)
    if (prepared === undefined) {
      const statement = database.prepare(sql)
      prepared = { statement, returnsRows: statement.columns().length > 0 }
      if (statements.size >= maxStatements) statements.clear()
      statements.set(sql, prepared)
    }
    return prepared
  }

  #current(): Open {
    const open = this.#open
    if (open === null) return this.#reopen()
    if (open.database.isTransaction) return open
    const now = performance.now()
    if (now - this.#checkedAt < identityCheckMs) return open
    this.#checkedAt = now
    if (identify(this.path) === open.identity) return open
    this.close()
    return this.#reopen()
  }

  #reopen(): Open {
    const identity = identify(this.path)
    if (identity === null)
      throw new StoreError(
        'missing',
        `the store ${this.path} is missing: restore it, or make a new one with \`portcullis migrate\``,
      )
    const { readOnly, busyTimeoutMs } = this.#options
    const url = pathToFileURL(this.path)
    // A writer must not make an empty database in the place of one that was removed: that would forget every key.
    if (!readOnly) url.searchParams.set('mode', 'rw')
    let database: DatabaseSync | null = null
    try {
      database = new DatabaseSync(url, { readOnly, timeout: busyTimeoutMs, allowExtension: false })
      configure(database, this.#options)
      this.#open = { database, identity, statements: new Map() }
      this.#checkedAt = performance.now()
      return this.#open
    } catch (error) {
      database?.close()
      throw toStoreError(error, this.path)
    }
  }

  /** Closes after what the open connection will not recover from by itself. */
  #giveUp(error: unknown): unknown {
    const known = toStoreError(error, this.path)
    if (known instanceof StoreError && (known.failure === 'unusable' || known.failure === 'missing')) this.close()
    return known
  }
}

function configure(database: DatabaseSync, { readOnly, maxLogPages = 1000 }: SqliteFileOptions): void {
  // Functions and views inside a file that somebody prepared must not run with our rights.
  database.exec('pragma trusted_schema = off')
  database.exec(`pragma cache_size = -${cacheKiB}`)
  if (readOnly) return
  // With FULL a commit survives a power cut. NORMAL would be faster and could bring a revoked key back to life.
  database.exec('pragma synchronous = full')
  database.exec('pragma journal_size_limit = 67108864')
  database.exec(`pragma wal_autocheckpoint = ${maxLogPages}`)
}

function identify(path: string): string | null {
  const stats = statSync(path, { throwIfNoEntry: false, bigint: true })
  return stats === undefined ? null : `${stats.dev}:${stats.ino}`
}
