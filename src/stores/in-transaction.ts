import type { Kysely } from 'kysely'
import type { Tables } from './schema.ts'

/** Runs in one transaction: in the one that is open already, where there is one. */
export function inTransaction<T>(db: Kysely<Tables>, work: (transaction: Kysely<Tables>) => Promise<T>): Promise<T> {
  return db.isTransaction ? work(db) : db.transaction().execute(work)
}
