import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { createSessionSecret } from '../../src/crypto/session-secret.ts'
import type { ChangeLog } from '../../src/stores/ports/change-log.ts'
import type { NewSession, SessionCaller, SessionLookup, SessionStore } from '../../src/stores/ports/session-store.ts'
import { StoreError } from '../../src/stores/ports/store-error.ts'

/** One database as seen by its writer, by another writer and by a reader. */
export interface SessionStoreUnderTest {
  readonly sessions: SessionStore
  readonly other: SessionStore
  readonly lookup: SessionLookup
  readonly changes: ChangeLog
}

const now = 1_800_000_000_000
const hour = 3_600_000

export function testCaller(values: Partial<SessionCaller> = {}): SessionCaller {
  return {
    id: 'alice',
    kind: 'user',
    issuer: 'upstream:shop',
    tenant: null,
    roles: [],
    scopes: [],
    attributes: {},
    assurance: null,
    authenticatedAt: now,
    ...values,
  }
}

export function newSession(values: Partial<NewSession> = {}): NewSession {
  const { id, digest } = createSessionSecret()
  return {
    id,
    digest,
    caller: testCaller(),
    createdAt: now,
    idleMs: hour,
    endsAt: now + 12 * hour,
    userAgent: null,
    address: null,
    maxPerPrincipal: 100,
    ...values,
  }
}

/** What every session store must do, whatever database it stands on. `open` is called for each test. */
export function describeSessionStore(database: string, open: () => Promise<SessionStoreUnderTest>): void {
  describe(`session store on ${database}`, () => {
    test('a session comes back as it was created, by its id from the writer and by its digest from the reader', async () => {
      const { sessions, lookup } = await open()
      const session = newSession({
        caller: testCaller({
          tenant: 'north',
          roles: ['customer', "o'brien"],
          scopes: ['orders:read'],
          attributes: { name: 'Zoë "Z"', depth: { n: 1 } },
          assurance: 'multi-factor',
          kind: 'service',
        }),
        userAgent: 'Mozilla/5.0 (X11; ü)',
        address: '2001:db8::1',
      })
      await sessions.create(session)
      const { maxPerPrincipal: _, ...rest } = session
      const expected = { ...rest, lastSeenAt: now, revokedAt: null }
      assert.deepEqual(await sessions.find(session.id), expected)
      assert.deepEqual(await lookup.find(session.digest), expected)
    })

    test('what is not there is null, and the id does not stand for the digest', async () => {
      const { sessions, lookup } = await open()
      const session = newSession()
      await sessions.create(session)
      for (const id of ['', 'none', "' or 1=1 --", '%', 'é\u0000']) assert.equal(await sessions.find(id), null)
      assert.equal(await lookup.find(session.id), null)
      assert.equal(await sessions.find(session.digest), null)
    })

    test('a digest that is taken is a conflict', async () => {
      const { sessions } = await open()
      const session = newSession()
      await sessions.create(session)
      await assert.rejects(
        sessions.create(newSession({ digest: session.digest })),
        (error: unknown) => error instanceof StoreError && error.failure === 'conflict',
      )
    })

    test('renewal gives a new secret, the old one is unknown at once, the ends and the log move as they should', async () => {
      const { sessions, lookup, changes } = await open()
      const session = newSession()
      await sessions.create(session)
      const before = await changes.position()
      const next = newSession()
      const caller = testCaller({ roles: ['admin'], authenticatedAt: now + 5 })
      const renewal = { digest: session.digest, newId: next.id, newDigest: next.digest, caller, now: now + 5 }
      assert.equal(await sessions.renew(renewal), true)
      assert.equal(await lookup.find(session.digest), null)
      assert.equal(await sessions.find(session.id), null)
      const renewed = await lookup.find(next.digest)
      assert.deepEqual(renewed?.caller, caller)
      assert.deepEqual([renewed?.createdAt, renewed?.endsAt, renewed?.lastSeenAt], [now, session.endsAt, now + 5])
      assert.notEqual(await changes.position(), before)
      assert.equal(await sessions.renew(renewal), false, 'the old secret renews nothing')
    })

    test('of two renewals with one secret, one holds', async () => {
      const { sessions, other, lookup } = await open()
      const session = newSession()
      await sessions.create(session)
      const secrets = [newSession(), newSession()] as const
      const renewed = await Promise.all(
        secrets.map(({ id, digest }, i) =>
          (i === 0 ? sessions : other).renew({
            digest: session.digest,
            newId: id,
            newDigest: digest,
            caller: null,
            now,
          }),
        ),
      )
      assert.deepEqual(renewed.toSorted(), [false, true])
      const found = await Promise.all(secrets.map(({ digest }) => lookup.find(digest)))
      assert.equal(found.filter((record) => record !== null).length, 1)
    })

    test('what has ended is not renewed back to life', async () => {
      const { sessions } = await open()
      const [over, revoked] = [newSession({ endsAt: now }), newSession()]
      for (const session of [over, revoked]) await sessions.create(session)
      await sessions.revoke(revoked.id, now)
      for (const { digest } of [over, revoked]) {
        const { id: newId, digest: newDigest } = newSession()
        assert.equal(await sessions.renew({ digest, newId, newDigest, caller: null, now }), false)
      }
    })

    test('revocation keeps its first date and moves the log; the session is still shown', async () => {
      const { sessions, lookup, changes } = await open()
      const session = newSession()
      await sessions.create(session)
      const before = await changes.position()
      assert.equal(await sessions.revoke(session.id, now + 1), 'revoked')
      const after = await changes.position()
      assert.notEqual(after, before)
      assert.equal(await sessions.revoke(session.id, now + 2), 'already')
      assert.equal(await sessions.revoke('none', now), 'unknown')
      assert.equal(await changes.position(), after)
      assert.equal((await lookup.find(session.digest))?.revokedAt, now + 1)
    })

    test('all of a principal end, but one, and those of others go on', async () => {
      const { sessions, changes } = await open()
      const mine = [newSession(), newSession(), newSession()]
      const namesake = newSession({ caller: testCaller({ issuer: 'upstream:office' }) })
      const theirs = newSession({ caller: testCaller({ id: 'bob' }) })
      for (const session of [...mine, namesake, theirs]) await sessions.create(session)
      const [kept] = mine as [NewSession]
      const before = await changes.position()
      const choice = { principal: 'alice', issuer: 'upstream:shop', except: kept.id }
      assert.equal(await sessions.revokeAll(choice, now), 2)
      assert.notEqual(await changes.position(), before)
      const living = async () =>
        (await sessions.list({ limit: 10 })).filter(({ revokedAt }) => revokedAt === null).map(({ id }) => id)
      assert.deepEqual(new Set(await living()), new Set([kept.id, namesake.id, theirs.id]))
      assert.equal(await sessions.revokeAll({ principal: 'alice' }, now), 2, 'of whatever issuer')
      assert.equal(await sessions.revokeAll({ principal: "alice' or 1=1 --" }, now), 0)
      assert.equal(await sessions.revokeAll({}, now), 1)
      assert.deepEqual(await living(), [])
    })

    test('beyond the limit of a principal, what was seen longest ago ends', async () => {
      const { sessions, lookup } = await open()
      const made: NewSession[] = []
      for (let i = 0; i < 4; i++) {
        const session = newSession({ createdAt: now + i, maxPerPrincipal: 3 })
        made.push(session)
        await sessions.create(session)
        if (i === 0) await sessions.touch([{ digest: session.digest, at: now + 10 }])
      }
      const revoked = await Promise.all(made.map(async ({ digest }) => (await lookup.find(digest))?.revokedAt))
      assert.deepEqual(revoked, [null, now + 3, null, null])
    })

    test('logins at once do not pass the limit together', async () => {
      const { sessions, other } = await open()
      await sessions.create(newSession({ maxPerPrincipal: 2 }))
      await Promise.all(
        Array.from({ length: 6 }, (_, i) =>
          (i % 2 === 0 ? sessions : other).create(newSession({ createdAt: now + 1, maxPerPrincipal: 2 })),
        ),
      )
      const living = (await sessions.list({ limit: 20 })).filter(({ revokedAt }) => revokedAt === null)
      assert.equal(living.length, 2)
    })

    test('the first logins at once do not pass the limit together either', async () => {
      const { sessions, other } = await open()
      for (let round = 0; round < 5; round++) {
        const caller = testCaller({ id: `alice-${round}` })
        await Promise.all([sessions, other].map((store) => store.create(newSession({ caller, maxPerPrincipal: 1 }))))
        const all = await sessions.list({ principal: caller.id, limit: 20 })
        assert.equal(all.filter(({ revokedAt }) => revokedAt === null).length, 1)
      }
    })

    test('last seen only moves forward, and what is unknown is passed over', async () => {
      const { sessions } = await open()
      const [one, two] = [newSession(), newSession()]
      for (const session of [one, two]) await sessions.create(session)
      await sessions.touch([
        { digest: one.digest, at: now + 10 },
        { digest: 'none', at: now },
        { digest: two.digest, at: now + 20 },
      ])
      await sessions.touch([{ digest: one.digest, at: now + 5 }])
      await sessions.touch([])
      assert.equal((await sessions.find(one.id))?.lastSeenAt, now + 10)
      assert.equal((await sessions.find(two.id))?.lastSeenAt, now + 20)
    })

    test('pages follow each other and may be of one principal', async () => {
      const { sessions } = await open()
      const mine = Array.from({ length: 5 }, () => newSession())
      for (const session of mine) await sessions.create(session)
      await sessions.create(newSession({ caller: testCaller({ id: 'bob' }) }))
      const ids: string[] = []
      for (;;) {
        const after = ids.at(-1)
        const page = await sessions.list({ principal: 'alice', limit: 2, ...(after === undefined ? {} : { after }) })
        if (page.length === 0) break
        ids.push(...page.map(({ id }) => id))
      }
      assert.deepEqual(ids, mine.map(({ id }) => id).toSorted())
    })

    test('what ended long ago is removed: by its end, by a revocation, by not being used', async () => {
      const { sessions } = await open()
      const over = newSession({ endsAt: now - 1 })
      const revoked = newSession()
      const idle = newSession({ createdAt: now - hour - 1 })
      const living = newSession()
      for (const session of [over, revoked, idle, living]) await sessions.create(session)
      await sessions.revoke(revoked.id, now - 1)
      assert.equal(await sessions.prune(now), 3)
      assert.deepEqual(
        (await sessions.list({ limit: 10 })).map(({ id }) => id),
        [living.id],
      )
    })
  })
}
