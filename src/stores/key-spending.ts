import type { Kysely } from 'kysely'
import type { Spending } from './ports/key-store.ts'
import type { Tables } from './schema.ts'

/** Takes uses off keys; what is granted is exactly what is taken, whoever else spends at the same time. */
export async function spendUses(transaction: Kysely<Tables>, spendings: readonly Spending[]): Promise<number[]> {
  const granted = new Array<number>(spendings.length).fill(0)
  // In one order everywhere, so that two transactions never wait for each other.
  const ordered = spendings.map((spending, index) => ({ ...spending, index })).toSorted((a, b) => compare(a.id, b.id))
  for (const { id, count, index } of ordered) granted[index] = await spend(transaction, id, count)
  return granted
}

async function spend(transaction: Kysely<Tables>, id: string, count: number): Promise<number> {
  const { numUpdatedRows } = await transaction
    .updateTable('api_keys')
    .set((set) => ({ uses_left: set('uses_left', '-', count) }))
    .where('id', '=', id)
    .where('uses_left', '>=', count)
    .executeTakeFirst()
  if (numUpdatedRows > 0n) return count
  // Changes nothing, and keeps others from spending what is read now.
  await transaction.updateTable('api_keys').set({ id }).where('id', '=', id).execute()
  const key = await transaction.selectFrom('api_keys').select('uses_left').where('id', '=', id).executeTakeFirst()
  if (key === undefined) return 0
  if (key.uses_left === null) return count
  const left = Math.min(Number(key.uses_left), count)
  if (left > 0) {
    await transaction
      .updateTable('api_keys')
      .set((set) => ({ uses_left: set('uses_left', '-', left) }))
      .where('id', '=', id)
      .execute()
  }
  return Math.max(0, left)
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
