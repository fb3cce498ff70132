import type { Kysely } from 'kysely'
import { StoreError } from './ports/store-error.ts'
import type { Tables } from './schema.ts'

/** Two that ended as a deadlock may meet once more; who fails each time has another trouble. */
const maxAttempts = 3

/**
 * Runs in one transaction: in the one that is open already, where there is one. What PostgreSQL ended because it and
 * another waited for each other has changed nothing, and is begun anew.
 */
export async function inTransaction<T>(
  db: Kysely<Tables>,
  work: (transaction: Kysely<Tables>) => Promise<T>,
): Promise<T> {
  if (db.isTransaction) return work(db)
  for (let attempt = 1; ; attempt++) {
    try {
      return await db.transaction().execute(work)
    } catch (error) {
      if (attempt === maxAttempts || !isDeadlock(error)) throw error
    }
  }
}

/** https://www.postgresql.org/docs/current/errcodes-appendix.html: `deadlock_detected` */
function isDeadlock(error: unknown): boolean {
  const cause = error instanceof StoreError ? error.cause : null
  return cause instanceof Error && 'code' in cause && cause.code === '40P01'
}
