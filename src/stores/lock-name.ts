import { type Kysely, PostgresAdapter, sql } from 'kysely'
import type { Tables } from './schema.ts'

/**
 * Keeps other transactions that lock the same name waiting until this one ends, though there may be no row yet that
 * both would change. A file has one writer at a time: there, who writes first has locked every name.
 */
export async function lockName(transaction: Kysely<Tables>, name: string): Promise<void> {
  if (!(transaction.getExecutor().adapter instanceof PostgresAdapter)) return
  await sql`select pg_advisory_xact_lock(hashtextextended(${name}, 0))`.execute(transaction)
}
