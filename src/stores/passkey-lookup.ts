import type { CompiledQuery, Kysely, Selectable } from 'kysely'
import type { ReadRows } from './key-lookup.ts'
import type { PasskeyLookup, PasskeyRecord } from './ports/passkey-store.ts'
import { StoreError } from './ports/store-error.ts'
import { isTexts, parseJson, readTime, readTimeOrNull } from './read-columns.ts'
import type { PasskeyRow, Tables } from './schema.ts'

/** Looks passkeys up the way a request needs it: no promise where the database needs none. */
export function createPasskeyLookup(db: Kysely<Tables>, read: ReadRows): PasskeyLookup {
  const all = db.selectFrom('passkeys').selectAll()
  const byCredential = all.where('credential_id', '=', '').compile()
  const byAccount = all.where('account_id', '=', '').orderBy('created_at').orderBy('id').compile()

  function ask(query: CompiledQuery<Selectable<PasskeyRow>>, parameter: string) {
    const rows = read<Selectable<PasskeyRow>>({ ...query, parameters: [parameter] })
    return rows instanceof Promise ? rows.then((all) => all.map(toRecord)) : rows.map(toRecord)
  }

  return {
    findByCredential(credentialId) {
      const found = ask(byCredential, credentialId)
      return found instanceof Promise ? found.then(([one]) => one ?? null) : (found[0] ?? null)
    },
    list: (accountId) => ask(byAccount, accountId),
  }
}

/** Throws where a row is not what this program writes: such a passkey must not open anything. */
function toRecord(row: Selectable<PasskeyRow>): PasskeyRecord {
  const damaged = () => new StoreError('unusable', `the stored passkey ${row.id} is damaged: remove it`)
  return {
    id: row.id,
    accountId: row.account_id,
    credentialId: row.credential_id,
    publicKey: row.public_key,
    counter: readTime(row.counter, damaged),
    transports: parseJson(row.transports, isTexts, damaged),
    synced: row.synced === 1,
    name: row.name,
    createdAt: readTime(row.created_at, damaged),
    lastUsedAt: readTimeOrNull(row.last_used_at, damaged),
  }
}
