import type { CompiledQuery, Kysely, Selectable } from 'kysely'
import type { ReadRows } from './key-lookup.ts'
import type { Connection, ConnectionLookup } from './ports/connection-store.ts'
import { StoreError } from './ports/store-error.ts'
import { isTexts, parseJson, readTime } from './read-columns.ts'
import type { ConnectionRow, Tables } from './schema.ts'
import { isStorable } from './storable.ts'

/** Looks connections up the way a request needs it: no promise where the database needs none. */
export function createConnectionLookup(db: Kysely<Tables>, read: ReadRows): ConnectionLookup {
  const all = db.selectFrom('connections').selectAll()
  // Compiled once: their parameters are, in this order, what is compared.
  const bySubject = all.where('tenant', '=', '').where('issuer', '=', '').where('subject', '=', '').compile()
  const byAccount = all.where('account', '=', '').orderBy('created_at').orderBy('id').compile()

  function ask<T>(
    query: CompiledQuery<Selectable<ConnectionRow>>,
    parameters: readonly string[],
    to: (rows: readonly Selectable<ConnectionRow>[]) => T,
  ): T | Promise<T> {
    const rows = read<Selectable<ConnectionRow>>({ ...query, parameters })
    return rows instanceof Promise ? rows.then(to) : to(rows)
  }

  return {
    find({ tenant, issuer, subject }) {
      if (!isStorable(issuer + subject)) return null
      return ask(bySubject, [tenant ?? '', issuer, subject], ([row]) => (row === undefined ? null : toConnection(row)))
    },
    listOf: (accountId) => (isStorable(accountId) ? ask(byAccount, [accountId], (rows) => rows.map(toConnection)) : []),
  }
}

/** Those of one account, oldest first, for who administers it. */
export async function listConnections(db: Kysely<Tables>, accountId: string): Promise<Connection[]> {
  const all = db.selectFrom('connections').selectAll().where('account', '=', accountId)
  return (await all.orderBy('created_at').orderBy('id').execute()).map(toConnection)
}

/** Throws where a row is not what this program writes: nobody must get in by it. */
export function toConnection(row: Selectable<ConnectionRow>): Connection {
  const damaged = () => new StoreError('unusable', `the stored connection ${row.id} is damaged: remove it`)
  return {
    id: row.id,
    accountId: row.account,
    tenant: row.tenant === '' ? null : row.tenant,
    provider: row.provider,
    issuer: row.issuer,
    subject: row.subject,
    email: row.email,
    roles: parseJson(row.roles, isTexts, damaged),
    createdAt: readTime(row.created_at, damaged),
    usedAt: readTime(row.used_at, damaged),
  }
}

export function toConnectionRow({ accountId, tenant, roles, createdAt, usedAt, ...same }: Connection): ConnectionRow {
  return {
    ...same,
    account: accountId,
    tenant: tenant ?? '',
    roles: JSON.stringify(roles),
    created_at: createdAt,
    used_at: usedAt,
  }
}
