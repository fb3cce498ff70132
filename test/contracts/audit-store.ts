import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { auditAccounts, auditKeys, openAudit } from '../../src/runtime/audited.ts'
import { StoreError } from '../../src/stores/ports/store-error.ts'
import type { Store } from '../../src/stores/store.ts'
import { newAccount } from './account-store.ts'
import { newDigest, newKey } from './key-store.ts'

const now = 1_800_000_000_000

/** What the audit trail must do, whatever database it stands on. `open` is called for each test. */
export function describeAuditStore(
  database: string,
  open: () => Promise<{ readonly store: Store; readonly otherStore: Store }>,
): void {
  describe(`audit trail on ${database}`, () => {
    test('events come back newest first, by time, by what was done and to whom, page by page', async () => {
      const { store } = await open()
      const audit = openAudit(store.db)
      for (let i = 1; i <= 7; i++) {
        const event = { at: now + i, actor: 'cli:ann', action: i % 2 === 0 ? 'even' : 'odd', subject: `s${i % 3}` }
        await audit.append({ ...event, detail: { i, text: 'ü "quoted"' } })
      }
      const [newest] = await audit.list({ limit: 1 })
      const detail = { i: 7, text: 'ü "quoted"' }
      assert.deepEqual(newest, { position: 7, at: now + 7, actor: 'cli:ann', action: 'odd', subject: 's1', detail })
      const positions = async (page: object) =>
        (await audit.list({ limit: 100, ...page })).map(({ position }) => position)
      assert.deepEqual(await positions({ limit: 3 }), [7, 6, 5])
      assert.deepEqual(await positions({ limit: 3, before: 5 }), [4, 3, 2])
      assert.deepEqual(await positions({ since: now + 3, until: now + 6 }), [5, 4, 3])
      assert.deepEqual(await positions({ action: 'even' }), [6, 4, 2])
      assert.deepEqual(await positions({ subject: 's0', action: 'odd' }), [3])
      assert.deepEqual(await positions({ actor: 'cli:bob' }), [])
    })

    test('secrets in what is told are masked, by name and by look', async () => {
      const { store } = await open()
      const audit = openAudit(store.db)
      const token = 'eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJhbm4ifQ.c2lnbmF0dXJlLXNpZ25hdHVyZQ'
      const detail = { password: 'hunter2', note: `Bearer ${token}`, deep: { apiKey: 'hunter2' } }
      await audit.append({ at: now, actor: 'x', action: 'y', subject: 'z', detail })
      const text = JSON.stringify(await audit.list({ limit: 1 }))
      assert.doesNotMatch(text, /hunter2|eyJzdWIi/)
    })

    test('changes of keys are told with them, or neither happens', async () => {
      const { store } = await open()
      const keys = auditKeys(store.db, 'cli:ann')
      const key = newKey({ roles: ['customer'] })
      await keys.create(key)
      await assert.rejects(keys.create(newKey({ id: key.id })), StoreError)
      await keys.rotate({ id: key.id, digest: newDigest(), now: now + 1, overlapUntil: now + 9 })
      await keys.rotate({ id: 'none', digest: newDigest(), now: now + 1, overlapUntil: now + 9 })
      await keys.revoke(key.id, now + 2)
      await keys.revoke(key.id, now + 3)
      await keys.remove(key.id, now + 4)
      await keys.remove(key.id, now + 5)
      const told = await openAudit(store.db).list({ limit: 100 })
      assert.deepEqual(
        told.map(({ at, action, subject, actor }) => [at - now, action, subject, actor]),
        [
          [4, 'api-key-removed', key.id, 'cli:ann'],
          [2, 'api-key-revoked', key.id, 'cli:ann'],
          [1, 'api-key-rotated', key.id, 'cli:ann'],
          [0, 'api-key-created', key.id, 'cli:ann'],
        ],
      )
      assert.doesNotMatch(JSON.stringify(told), new RegExp(key.digest))
      // Where it cannot be told, it is not done.
      await store.db.deleteFrom('audit_position').execute()
      const untold = newKey()
      await assert.rejects(keys.create(untold), /lost its audit trail/)
      assert.equal(await keys.find(untold.id), null)
    })

    test('changes of accounts are told, without their passwords', async () => {
      const { store } = await open()
      const accounts = auditAccounts(store.db, 'cli:ann')
      const account = newAccount({ passwordHash: '$argon2id$secret' })
      await accounts.create(account)
      await accounts.update(account.id, { roles: ['admin'] }, now + 1)
      await accounts.setPassword(account.id, '$argon2id$other-secret', now + 2)
      await accounts.replaceHash(account.id, '$argon2id$other-secret', '$argon2id$stronger-secret')
      await accounts.disable(account.id, now + 3)
      await accounts.disable(account.id, now + 4)
      await accounts.enable(account.id, now + 5)
      await accounts.remove(account.id, now + 6)
      await accounts.update('none', {}, now + 7)
      const told = await openAudit(store.db).list({ limit: 100 })
      assert.deepEqual(told.map(({ action }) => action.replace('account-', '')).reverse(), [
        'created',
        'changed',
        'password-changed',
        'disabled',
        'enabled',
        'removed',
      ])
      assert.deepEqual(told.at(-2)?.detail, { roles: ['admin'] })
      assert.doesNotMatch(JSON.stringify(told), /secret/)
    })

    test('two writers at once leave no gap and no position twice', async () => {
      const { store, otherStore } = await open()
      const audits = [openAudit(store.db), openAudit(otherStore.db)] as const
      const event = { at: now, actor: 'x', action: 'y', subject: 'z', detail: {} }
      await Promise.all(Array.from({ length: 20 }, (_, i) => audits[i % 2 === 0 ? 0 : 1].append(event)))
      const positions = (await audits[0].list({ limit: 100 })).map(({ position }) => position)
      assert.deepEqual(
        positions,
        Array.from({ length: 20 }, (_, i) => 20 - i),
      )
    })
  })
}
