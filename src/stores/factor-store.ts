import type { Kysely, Selectable } from 'kysely'
import { appendChange } from './changes.ts'
import { inTransaction } from './in-transaction.ts'
import type { ReadRows } from './key-lookup.ts'
import { createMailStore } from './mail-store.ts'
import type { FactorKind, FactorLookup, FactorRecord, FactorStore, FactorUse, NewFactor } from './ports/factor-store.ts'
import { StoreError } from './ports/store-error.ts'
import { readTime, readTimeOrNull } from './read-columns.ts'
import type { FactorRow, Tables } from './schema.ts'

/** Second factors on any database that Kysely speaks to. */
export function createFactorStore(db: Kysely<Tables>): FactorStore {
  return {
    use(factorUse) {
      const { mail = null } = factorUse
      if (mail === null) return use(db, factorUse)
      return inTransaction(db, async (transaction) => {
        const used = await use(transaction, factorUse)
        if (used) await createMailStore(transaction).add(mail)
        return used
      })
    },
  }
}

async function use(db: Kysely<Tables>, { id, from, to, now }: FactorUse): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable('factors')
    .set({ data: to, last_used_at: now })
    .where('id', '=', id)
    .where('data', '=', from)
    .executeTakeFirstOrThrow()
  return numUpdatedRows > 0n
}

/** Part of a larger change: see the stores of `runtime`. What a password alone has opened until now is closed at once. */
export async function addFactor(db: Kysely<Tables>, factor: NewFactor): Promise<void> {
  const { id, account, kind, data, label, createdAt } = factor
  await db
    .insertInto('factors')
    .values({ id, account, kind, data, label, created_at: createdAt, last_used_at: null })
    .execute()
  if (kind !== 'recovery') await appendChange(db, { at: createdAt, topic: 'account-factor-added', subject: account })
}

export function createFactorLookup(db: Kysely<Tables>, read: ReadRows): FactorLookup {
  const query = db.selectFrom('factors').selectAll().where('account', '=', '').orderBy('created_at').orderBy('id')
  const compiled = query.compile()
  return {
    list(account) {
      const rows = read<Selectable<FactorRow>>({ ...compiled, parameters: [account] })
      return rows instanceof Promise ? rows.then((all) => all.map(toFactorRecord)) : rows.map(toFactorRecord)
    },
  }
}

/** Throws where a row is not what this program writes. */
export function toFactorRecord(row: Selectable<FactorRow>): FactorRecord {
  const damaged = () => new StoreError('unusable', `the stored factor ${row.id} is damaged`)
  return {
    id: row.id,
    account: row.account,
    kind: row.kind as FactorKind,
    data: row.data,
    label: row.label,
    createdAt: readTime(row.created_at, damaged),
    lastUsedAt: readTimeOrNull(row.last_used_at, damaged),
  }
}
