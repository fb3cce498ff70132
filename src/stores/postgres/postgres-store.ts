import { type CompiledQuery, Kysely, PostgresDialect, sql } from 'kysely'
import { createAccountLookup } from '../account-lookup.ts'
import { createAccountStore } from '../account-store.ts'
import { createKeyLookup } from '../key-lookup.ts'
import { createKeyStore } from '../key-store.ts'
import { migrate } from '../migrate.ts'
import type { ChangeLog } from '../ports/change-log.ts'
import { StoreError } from '../ports/store-error.ts'
import { createRevocationLookup } from '../revocation-lookup.ts'
import { createRevocationStore } from '../revocation-store.ts'
import { createRoleLookup } from '../role-lookup.ts'
import { createRoleStore } from '../role-store.ts'
import type { Tables } from '../schema.ts'
import type { Store, StoreReader } from '../store.ts'
import { type Connection, parseConnectionUrl } from './connection-url.ts'
import { createPool, type PoolOptions } from './pool.ts'

export interface PostgresOptions {
  /** With user and password, where it needs them. */
  readonly url: string
  /** Default 3 in the thread that writes, 5 in one that serves. */
  readonly maxConnections?: number
  /** Default 5000 in the thread that writes, 2000 in one that serves. */
  readonly statementTimeoutMs?: number
  /** Default 3000. */
  readonly connectTimeoutMs?: number
}

/** Migrations change whole tables, and wait for another instance that does. */
const migration: PoolOptions = { maxConnections: 1, statementTimeoutMs: 300_000 }

/** Opens the database and migrates it. Rejects with a `StoreError`. */
export async function openPostgresStore(options: PostgresOptions): Promise<Store> {
  const { maxConnections = 3, statementTimeoutMs = 5000, connectTimeoutMs = 3000 } = options
  const connection = parseConnectionUrl(options.url)
  await migratePostgres(connection, connectTimeoutMs)
  const db = open(connection, { maxConnections, statementTimeoutMs, connectTimeoutMs })
  // A connection of its own: revocations are heard of while others wait for a connection.
  const log = open(connection, { maxConnections: 1, statementTimeoutMs: 2000, connectTimeoutMs })
  return {
    name: connection.name,
    db,
    keys: createKeyStore(db),
    accounts: createAccountStore(db),
    roles: createRoleStore(db),
    revocations: createRevocationStore(db),
    changes: createChangeLog(log, connection.name),
    close: async () => void (await Promise.all([db.destroy(), log.destroy()])),
  }
}

/** What a thread that serves has: nothing is opened before it is needed. */
export function openPostgresReader(options: PostgresOptions): StoreReader {
  const { maxConnections = 5, statementTimeoutMs = 2000, connectTimeoutMs = 3000 } = options
  const connection = parseConnectionUrl(options.url)
  const db = open(connection, { maxConnections, statementTimeoutMs, connectTimeoutMs })
  const read = async <Row>(query: CompiledQuery<Row>) => (await readTwice(db, query)).rows
  return {
    writes: true,
    db,
    read,
    keys: createKeyLookup(db, read),
    accounts: createAccountLookup(db, read),
    roles: createRoleLookup(db, read),
    revocations: createRevocationLookup(db, read),
    changes: createChangeLog(db, connection.name),
    close: () => db.destroy(),
  }
}

/** For `portcullis migrate`, which looks before it leaps. */
export function openPostgresTables(url: string): Kysely<Tables> {
  return open(parseConnectionUrl(url), migration)
}

async function migratePostgres(connection: Connection, connectTimeoutMs: number): Promise<void> {
  const db = open(connection, { ...migration, connectTimeoutMs })
  try {
    await migrate(db)
  } finally {
    await db.destroy()
  }
}

function open(connection: Connection, options: PoolOptions): Kysely<Tables> {
  return new Kysely<Tables>({ dialect: new PostgresDialect({ pool: createPool(connection, options) }) })
}

/** A connection that a restart of the server has ended is found out by using it; reading again changes nothing. */
async function readTwice<Row>(db: Kysely<Tables>, query: CompiledQuery<Row>) {
  try {
    return await db.executeQuery(query)
  } catch (error) {
    if (!(error instanceof StoreError) || error.failure !== 'unreachable') throw error
    return db.executeQuery(query)
  }
}

/** The position in one particular run of one particular database: another is another position, whatever it counts. */
function createChangeLog(db: Kysely<Tables>, name: string): ChangeLog {
  const query = db
    .selectFrom('change_position')
    .select('position')
    .select(sql<string>`(select oid from pg_database where datname = current_database())`.as('database'))
    .select(sql<string>`pg_postmaster_start_time()::text`.as('started'))
    .where('id', '=', 1)
    .compile()
  return {
    async position() {
      const { rows } = await readTwice(db, query)
      const [row] = rows
      if (row === undefined) throw new StoreError('unusable', `the store (${name}) has lost its change log: restore it`)
      return `${row.database}:${row.started}:${row.position}`
    },
  }
}
