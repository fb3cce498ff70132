import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { describe, test } from 'node:test'
import type { ChangeLog } from '../../src/stores/ports/change-log.ts'
import type { KeyLookup, KeyStore, NewKey } from '../../src/stores/ports/key-store.ts'
import { StoreError } from '../../src/stores/ports/store-error.ts'

/** One database as seen by its writer and by a reader of its own. */
export interface KeyStoreUnderTest {
  readonly keys: KeyStore
  readonly lookup: KeyLookup
  readonly changes: ChangeLog
  /** A second writer on the same database. */
  readonly other: KeyStore
}

const now = 1_800_000_000_000
const day = 86_400_000

/** Any text that is unique will do: the store does not know how keys are made. */
export function newKey(values: Partial<NewKey> = {}): NewKey {
  return {
    id: randomBytes(6).toString('hex'),
    owner: 'shop',
    name: null,
    tenant: null,
    roles: [],
    scopes: [],
    cidrs: [],
    createdAt: now,
    expiresAt: null,
    digest: newDigest(),
    ...values,
  }
}

const unlimited = { environment: null, metadata: {}, usesLeft: null, rateLimit: null, quota: null }

export function newDigest(): string {
  return randomBytes(32).toString('hex')
}

/** What every key store must do, whatever database it stands on. `open` is called for each test. */
export function describeKeyStore(database: string, open: () => Promise<KeyStoreUnderTest>): void {
  describe(`key store on ${database}`, () => {
    test('a key comes back as it was created, from the writer and from the reader', async () => {
      const { keys, lookup } = await open()
      const key = newKey({
        name: 'deploy "quoted" — ü',
        tenant: 'north',
        roles: ['customer', 'admin'],
        scopes: ['orders:read'],
        cidrs: ['10.0.0.0/8', '2001:db8::/32'],
        expiresAt: now + 90 * day,
      })
      await keys.create(key)
      const { digest, ...rest } = key
      const expected = {
        ...rest,
        revokedAt: null,
        lastUsedAt: null,
        secrets: [{ digest, createdAt: now, expiresAt: null }],
        disabledAt: null,
        ...unlimited,
      }
      assert.deepEqual(await keys.find(key.id), expected)
      assert.deepEqual(await lookup.find(key.id), expected)
      assert.deepEqual(await lookup.findByDigest(digest), expected)
    })

    test('its limits come back too, and numbers are numbers', async () => {
      const { keys, lookup } = await open()
      const limits: Partial<NewKey> = {
        environment: 'live',
        metadata: { plan: 'gold — ü', seats: 5, nested: { list: [1, null, true] } },
        usesLeft: 3_000_000_000,
        rateLimit: { limit: 10, windowMs: 1000 },
        quota: { limit: 10_000, windowMs: 30 * day },
      }
      const key = newKey(limits)
      await keys.create(key)
      for (const found of [await keys.find(key.id), await lookup.find(key.id)])
        assert.partialDeepStrictEqual(found, limits)
    })

    test('a change alters what it names and nothing else, and moves the change log', async () => {
      const { keys, changes } = await open()
      const key = newKey({ name: 'old', roles: ['customer'], usesLeft: 5, expiresAt: now + day })
      await keys.create(key)
      const before = await changes.position()
      const result = await keys.update(key.id, { name: null, roles: [], usesLeft: null, environment: 'test' }, now)
      assert.equal(result.kind, 'updated')
      assert.notEqual(await changes.position(), before)
      const { digest: _, ...rest } = key
      assert.partialDeepStrictEqual(await keys.find(key.id), {
        ...rest,
        name: null,
        roles: [],
        usesLeft: null,
        environment: 'test',
      })
      assert.equal((await keys.update('none', { name: 'x' }, now)).kind, 'unknown')
      assert.equal((await keys.update(key.id, { expiresAt: null }, now + day)).kind, 'ended')
      assert.equal((await keys.find(key.id))?.expiresAt, now + day)
    })

    test('a key is switched off and on again, a revoked one never', async () => {
      const { keys, lookup, changes } = await open()
      const key = newKey()
      await keys.create(key)
      const positions = new Set([await changes.position()])
      assert.equal(await keys.setDisabled(key.id, true, now + 1), 'switched')
      positions.add(await changes.position())
      assert.equal(await keys.setDisabled(key.id, true, now + 2), 'already')
      assert.equal((await lookup.find(key.id))?.disabledAt, now + 1)
      assert.equal(await keys.setDisabled(key.id, false, now + 3), 'switched')
      positions.add(await changes.position())
      assert.equal(positions.size, 3)
      assert.equal((await lookup.find(key.id))?.disabledAt, null)
      await keys.revoke(key.id, now)
      assert.equal(await keys.setDisabled(key.id, false, now), 'revoked')
      assert.equal(await keys.setDisabled('none', true, now), 'unknown')
    })

    test('uses are granted exactly as often as there are any, to writers that race', async () => {
      const { keys, other } = await open()
      const [counted, free] = [newKey({ usesLeft: 50 }), newKey()]
      for (const key of [counted, free]) await keys.create(key)
      const grants = await Promise.all(
        Array.from({ length: 20 }, (_, i) =>
          (i % 2 === 0 ? keys : other).spend([
            { id: counted.id, count: 7 },
            { id: free.id, count: 2 },
            { id: 'none', count: 1 },
          ]),
        ),
      )
      assert.equal(
        grants.reduce((sum, [granted = 0]) => sum + granted, 0),
        50,
      )
      for (const [, granted, nothing] of grants) assert.deepEqual([granted, nothing], [2, 0])
      assert.equal((await keys.find(counted.id))?.usesLeft, 0)
      assert.equal((await keys.find(free.id))?.usesLeft, null)
    })

    test('a batch is imported once, however often it is tried, and not at all where a key is in the way', async () => {
      const { keys, lookup } = await open()
      const batch = Array.from({ length: 450 }, () => newKey({ usesLeft: 1 }))
      assert.deepEqual(await keys.import(batch), { kind: 'imported', added: 450, present: 0 })
      const more = [...batch, newKey()]
      assert.deepEqual(await keys.import(more), { kind: 'imported', added: 1, present: 450 })
      const [first, second] = batch as [NewKey, NewKey]
      assert.equal((await lookup.findByDigest(first.digest))?.id, first.id)
      const fresh = newKey()
      const wrong = [fresh, newKey({ id: first.id }), newKey({ digest: second.digest }), newKey({ id: fresh.id })]
      assert.deepEqual(await keys.import(wrong), {
        kind: 'conflict',
        conflicts: [
          { index: 1, taken: 'id' },
          { index: 2, taken: 'digest' },
          { index: 3, taken: 'id' },
        ],
      })
      assert.equal(await keys.find(fresh.id), null)
    })

    test('keys that end in a span are listed, living ones only', async () => {
      const { keys } = await open()
      const soon = newKey({ expiresAt: now + day })
      const revoked = newKey({ expiresAt: now + day })
      const rest = [newKey(), newKey({ expiresAt: now }), newKey({ expiresAt: now + 3 * day })]
      for (const key of [soon, revoked, ...rest]) await keys.create(key)
      await keys.revoke(revoked.id, now)
      const found = await keys.list({ ends: { after: now, before: now + 2 * day }, limit: 10 })
      assert.deepEqual(
        found.map(({ id }) => id),
        [soon.id],
      )
    })

    test('what is not there is null', async () => {
      const { keys, lookup } = await open()
      for (const id of ['', 'none', "' or 1=1 --", '%', 'é\u0000']) {
        assert.equal(await keys.find(id), null)
        assert.equal(await lookup.find(id), null)
      }
    })

    test('an id or a digest that is taken is a conflict, and leaves nothing behind', async () => {
      const { keys } = await open()
      const key = newKey()
      await keys.create(key)
      const conflict = (error: unknown) => error instanceof StoreError && error.failure === 'conflict'
      await assert.rejects(keys.create(newKey({ id: key.id })), conflict)
      const stranger = newKey({ digest: key.digest })
      await assert.rejects(keys.create(stranger), conflict)
      assert.equal(await keys.find(stranger.id), null)
    })

    test('pages follow each other and may be of one owner', async () => {
      const { keys } = await open()
      const mine = ['k1', 'k3', 'k5', 'k7', 'k9']
      for (const id of mine) await keys.create(newKey({ id, owner: 'mine' }))
      for (const id of ['k0', 'k4', 'k8']) await keys.create(newKey({ id, owner: 'theirs' }))
      const ids: string[] = []
      for (;;) {
        const after = ids.at(-1)
        const page = await keys.list({ owner: 'mine', limit: 2, ...(after === undefined ? {} : { after }) })
        if (page.length === 0) break
        ids.push(...page.map(({ id }) => id))
      }
      assert.deepEqual(ids, mine)
      assert.equal((await keys.list({ limit: 100 })).length, 8)
    })

    test('a page counts keys, not their secrets', async () => {
      const { keys } = await open()
      for (const id of ['k1', 'k2']) {
        await keys.create(newKey({ id }))
        await keys.rotate({ id, digest: newDigest(), now, overlapUntil: now + day })
      }
      assert.deepEqual(
        (await keys.list({ limit: 2 })).map(({ id, secrets }) => [id, secrets.length]),
        [
          ['k1', 2],
          ['k2', 2],
        ],
      )
    })

    test('rotation adds a secret, newest first, and the old one dies at the end of the overlap', async () => {
      const { keys, lookup } = await open()
      const key = newKey()
      await keys.create(key)
      const digest = newDigest()
      const result = await keys.rotate({ id: key.id, digest, now: now + 5, overlapUntil: now + day })
      assert.equal(result.kind, 'rotated')
      assert.deepEqual((await lookup.find(key.id))?.secrets, [
        { digest, createdAt: now + 5, expiresAt: null },
        { digest: key.digest, createdAt: now, expiresAt: now + day },
      ])
    })

    test('without an overlap the old secret is gone at once', async () => {
      const { keys } = await open()
      const key = newKey()
      await keys.create(key)
      const digest = newDigest()
      await keys.rotate({ id: key.id, digest, now, overlapUntil: now })
      assert.deepEqual((await keys.find(key.id))?.secrets, [{ digest, createdAt: now, expiresAt: null }])
    })

    test('the overlap never outlives the old end, of the key or of an earlier overlap', async () => {
      const { keys } = await open()
      const key = newKey({ expiresAt: now + day })
      await keys.create(key)
      const second = newDigest()
      await keys.rotate({ id: key.id, digest: second, now, overlapUntil: now + 7 * day, expiresAt: now + 90 * day })
      let found = await keys.find(key.id)
      assert.equal(found?.expiresAt, now + 90 * day)
      assert.deepEqual(
        found?.secrets.map(({ expiresAt }) => expiresAt),
        [null, now + day],
      )
      await keys.rotate({ id: key.id, digest: newDigest(), now: now + 1, overlapUntil: now + 30 * day })
      found = await keys.find(key.id)
      assert.equal(found?.expiresAt, now + 90 * day)
      assert.deepEqual(
        found?.secrets.map(({ expiresAt }) => expiresAt),
        [null, now + 30 * day, now + day],
      )
      await keys.rotate({ id: key.id, digest: newDigest(), now: now + 2 * day, overlapUntil: now + 3 * day })
      found = await keys.find(key.id)
      assert.deepEqual(
        found?.secrets.map(({ expiresAt }) => expiresAt),
        [null, now + 3 * day, now + 3 * day],
      )
    })

    test('keys that ended are not rotated back to life', async () => {
      const { keys } = await open()
      const revoked = newKey()
      const expired = newKey({ expiresAt: now })
      for (const key of [revoked, expired]) await keys.create(key)
      await keys.revoke(revoked.id, now)
      for (const { id } of [revoked, expired]) {
        const result = await keys.rotate({ id, digest: newDigest(), now, overlapUntil: now, expiresAt: now + day })
        assert.equal(result.kind, 'ended')
        assert.equal((await keys.find(id))?.secrets.length, 1)
      }
      const unknown = await keys.rotate({ id: 'none', digest: newDigest(), now, overlapUntil: now })
      assert.equal(unknown.kind, 'unknown')
    })

    test('living secrets of one key are bounded', async () => {
      const { keys } = await open()
      const { id, digest } = newKey()
      await keys.create(newKey({ id, digest }))
      const kinds: string[] = []
      for (let i = 0; i < 12; i++) {
        kinds.push((await keys.rotate({ id, digest: newDigest(), now, overlapUntil: now + day })).kind)
      }
      assert.equal(kinds.at(-1), 'crowded')
      assert.equal((await keys.find(id))?.secrets.length, 8)
      assert.equal((await keys.rotate({ id, digest: newDigest(), now, overlapUntil: now })).kind, 'rotated')
      assert.equal((await keys.find(id))?.secrets.length, 1)
    })

    test('two rotations at once both hold', async () => {
      const { keys, other } = await open()
      const { id, digest } = newKey()
      await keys.create(newKey({ id, digest }))
      const digests = [newDigest(), newDigest()] as const
      await Promise.all([
        keys.rotate({ id, digest: digests[0], now, overlapUntil: now + day }),
        other.rotate({ id, digest: digests[1], now, overlapUntil: now + day }),
      ])
      const secrets = (await keys.find(id))?.secrets ?? []
      assert.deepEqual(new Set(secrets.map((secret) => secret.digest)), new Set([...digests, digest]))
      assert.equal(secrets.filter(({ expiresAt }) => expiresAt === null).length, 1)
    })

    test('revocation keeps its first date, and moves the change log', async () => {
      const { keys, lookup, changes } = await open()
      const key = newKey()
      await keys.create(key)
      const before = await changes.position()
      assert.equal(await changes.position(), before)
      assert.equal(await keys.revoke(key.id, now + 1), 'revoked')
      const after = await changes.position()
      assert.notEqual(after, before)
      assert.equal(await keys.revoke(key.id, now + 2), 'already')
      assert.equal(await keys.revoke('none', now), 'unknown')
      assert.equal(await changes.position(), after)
      assert.equal((await lookup.find(key.id))?.revokedAt, now + 1)
    })

    test('rotation and removal move the change log, and two writers never share a position', async () => {
      const { keys, other, changes } = await open()
      const all = Array.from({ length: 10 }, () => newKey())
      for (const key of all) await keys.create(key)
      const positions = new Set([await changes.position()])
      const { id } = all[0] as NewKey
      await keys.rotate({ id, digest: newDigest(), now, overlapUntil: now })
      positions.add(await changes.position())
      assert.equal(await keys.remove(id, now), true)
      positions.add(await changes.position())
      assert.equal(positions.size, 3)
      assert.equal(await keys.remove(id, now), false)
      assert.equal(await keys.find(id), null)
      await Promise.all(all.slice(1).map(({ id }, i) => (i % 2 === 0 ? keys : other).revoke(id, now)))
      for (const { id } of all.slice(1)) assert.equal((await keys.find(id))?.revokedAt, now)
    })

    test('last uses only move forward, and unknown ids are passed over', async () => {
      const { keys } = await open()
      const [one, two] = [newKey(), newKey()]
      for (const key of [one, two]) await keys.create(key)
      await keys.recordUses([
        { id: one.id, at: now + 10 },
        { id: 'none', at: now },
        { id: two.id, at: now + 20 },
      ])
      await keys.recordUses([{ id: one.id, at: now + 5 }])
      await keys.recordUses([])
      assert.equal((await keys.find(one.id))?.lastUsedAt, now + 10)
      assert.equal((await keys.find(two.id))?.lastUsedAt, now + 20)
      assert.equal(await keys.find('none'), null)
    })

    test('ended keys of one owner are removed, living ones and those of others stay', async () => {
      const { keys } = await open()
      const expired = newKey({ owner: 'probe', expiresAt: now - 1 })
      const revoked = newKey({ owner: 'probe' })
      const living = newKey({ owner: 'probe', expiresAt: now + day })
      const theirs = newKey({ owner: 'shop', expiresAt: now - 1 })
      for (const key of [expired, revoked, living, theirs]) await keys.create(key)
      await keys.revoke(revoked.id, now - 1)
      assert.equal(await keys.removeEnded('probe', now), 2)
      const left = (await keys.list({ limit: 10 })).map(({ id }) => id)
      assert.deepEqual(new Set(left), new Set([living.id, theirs.id]))
    })
  })
}
