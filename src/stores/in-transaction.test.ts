import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { newSession } from '../../test/contracts/session-store.ts'
import { describeOnPostgres } from '../../test/support/postgres.ts'
import { inTransaction } from './in-transaction.ts'
import { openPostgresStore } from './postgres/postgres-store.ts'
import { createSessionStore } from './session-store.ts'
import type { Store } from './store.ts'

describeOnPostgres('transactions on PostgreSQL', (server) => {
  const opened: Store[] = []
  after(() => Promise.all(opened.map((store) => store.close())))

  async function open(): Promise<Store> {
    const store = await openPostgresStore({ url: await server().createDatabase(), maxConnections: 3 })
    opened.push(store)
    return store
  }

  test('two that wait for each other both end well', async () => {
    const { db } = await open()
    const rows = [newSession(), newSession()] as const
    for (const row of rows) await createSessionStore(db).create(row)
    const bothHoldOne = barrier(2)
    let begun = 0
    const seeBoth = (order: readonly { id: string }[]) =>
      inTransaction(db, async (transaction) => {
        begun++
        for (const { id } of order) {
          await transaction
            .updateTable('sessions')
            .set(({ eb }) => ({ last_seen_at: eb('last_seen_at', '+', 1) }))
            .where('id', '=', id)
            .execute()
          await bothHoldOne()
        }
      })
    await Promise.all([seeBoth(rows), seeBoth(rows.toReversed())])
    assert.equal(begun, 3, 'one was begun anew')
    for (const { id, createdAt } of rows) {
      assert.equal((await createSessionStore(db).find(id))?.lastSeenAt, createdAt + 2, 'each counted once')
    }
  })

  test('what fails otherwise is not tried again', async () => {
    const { db } = await open()
    const session = newSession()
    await createSessionStore(db).create(session)
    let begun = 0
    await assert.rejects(
      inTransaction(db, async (transaction) => {
        begun++
        await createSessionStore(transaction).create(session)
      }),
      { failure: 'conflict' },
    )
    assert.equal(begun, 1)
  })
})

/** Holds the first callers until there are so many, and nobody after them. */
function barrier(size: number): () => Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  let arrived = 0
  return () => {
    if (++arrived === size) resolve()
    return promise
  }
}
