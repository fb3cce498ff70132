import type { Kysely } from 'kysely'
import { inTransaction } from './in-transaction.ts'
import type { AuditEvent, AuditPage, AuditRecord, AuditStore } from './ports/audit-store.ts'
import { StoreError } from './ports/store-error.ts'
import { isPlainObject, parseJson, readTime } from './read-columns.ts'
import type { Tables } from './schema.ts'

/** Masks what must not be stored; whoever opens the store brings it, so that none is opened without. */
export type Redact = (detail: AuditEvent['detail']) => unknown

/** The audit trail on any database that Kysely speaks to. */
export function createAuditStore(db: Kysely<Tables>, redact: Redact): AuditStore {
  return {
    append: (event) => inTransaction(db, (transaction) => append(transaction, event, redact)),
    list: (page) => list(db, page),
  }
}

/** The row that counts is taken first, so that events get their positions in the order in which they are committed. */
async function append(transaction: Kysely<Tables>, event: AuditEvent, redact: Redact): Promise<void> {
  const { position } = await transaction
    .updateTable('audit_position')
    .set((set) => ({ position: set('position', '+', 1) }))
    .where('id', '=', 1)
    .returning('position')
    .executeTakeFirstOrThrow(() => new StoreError('unusable', 'the store has lost its audit trail: restore it'))
  const { at, actor, action, subject } = event
  await transaction
    .insertInto('audit_events')
    .values({ position: Number(position), at, actor, action, subject, detail: JSON.stringify(redact(event.detail)) })
    .execute()
}

async function list(db: Kysely<Tables>, page: AuditPage): Promise<AuditRecord[]> {
  let query = db.selectFrom('audit_events').selectAll().orderBy('position', 'desc').limit(page.limit)
  if (page.since !== undefined) query = query.where('at', '>=', page.since)
  if (page.until !== undefined) query = query.where('at', '<', page.until)
  if (page.before !== undefined) query = query.where('position', '<', page.before)
  for (const column of ['actor', 'action', 'subject'] as const) {
    const value = page[column]
    if (value !== undefined) query = query.where(column, '=', value)
  }
  const rows = await query.execute()
  return rows.map((row) => {
    const damaged = () => new StoreError('unusable', `the audit event ${row.position} is damaged`)
    return {
      position: readTime(row.position, damaged),
      at: readTime(row.at, damaged),
      actor: row.actor,
      action: row.action,
      subject: row.subject,
      detail: parseJson(row.detail, isPlainObject, damaged),
    }
  })
}
