import type { CompiledQuery, Kysely } from 'kysely'
import type { Tables } from './schema.ts'

/** How many changes are kept: what follows the log only compares positions, the rest is for people. */
const keptChanges = 10_000

/** Appends an urgent change inside the transaction that makes it, so that neither exists without the other. */
export async function appendChange(
  transaction: Kysely<Tables>,
  change: { readonly at: number; readonly topic: string; readonly subject: string },
): Promise<void> {
  const { position } = await transaction
    .updateTable('change_position')
    .set((set) => ({ position: set('position', '+', 1) }))
    .where('id', '=', 1)
    .returning('position')
    .executeTakeFirstOrThrow()
  await transaction
    .insertInto('changes')
    .values({ position: Number(position), ...change })
    .execute()
  await transaction
    .deleteFrom('changes')
    .where('position', '<=', Number(position) - keptChanges)
    .execute()
}

/** Reads where the log stands. */
export function compilePositionQuery(db: Kysely<Tables>): CompiledQuery<{ position: number }> {
  return db.selectFrom('change_position').select('position').where('id', '=', 1).compile()
}
