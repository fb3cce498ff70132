import type { Kysely } from 'kysely'
import type { Migration } from 'kysely/migration'

export const account: Migration = {
  // biome-ignore lint/suspicious/noExplicitAny: a migration sees tables as they were then, not as the program has them now
  async up(db: Kysely<any>) {
    await db.schema.alterTable('accounts').addColumn('signed_out_at', 'bigint').execute()
    // What was stored before it could be found by its account ends with this.
    await db
      .updateTable('accounts')
      .set((set) => ({ signed_out_at: set.ref('password_changed_at') }))
      .execute()
  },
}
