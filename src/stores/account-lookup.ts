import type { CompiledQuery, Kysely, Selectable } from 'kysely'
import { toAccountRecord } from './account-rows.ts'
import type { ReadRows } from './key-lookup.ts'
import type { AccountLookup, AccountRecord } from './ports/account-store.ts'
import { toUsername } from './ports/username.ts'
import type { AccountRow, Tables } from './schema.ts'
import { isStorable } from './storable.ts'

/** Looks accounts up the way a request needs it: no promise where the database needs none. */
export function createAccountLookup(db: Kysely<Tables>, read: ReadRows): AccountLookup {
  const all = db.selectFrom('accounts').selectAll()
  // Compiled once: their parameters are, in this order, what is compared.
  const byId = all.where('id', '=', '').compile()
  const byName = all.where('tenant', '=', '').where('username', '=', '').compile()

  function find(query: CompiledQuery<Selectable<AccountRow>>, parameters: readonly string[]) {
    const rows = read<Selectable<AccountRow>>({ ...query, parameters })
    return rows instanceof Promise ? rows.then(toOne) : toOne(rows)
  }

  return {
    find: (id) => (isStorable(id) ? find(byId, [id]) : null),
    findByUsername(tenant, username) {
      const name = toUsername(username)
      return name === null || !isStorable(tenant ?? '') ? null : find(byName, [tenant ?? '', name])
    },
  }
}

function toOne([row]: readonly Selectable<AccountRow>[]): AccountRecord | null {
  return row === undefined ? null : toAccountRecord(row)
}
