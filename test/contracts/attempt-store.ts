import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Kysely } from 'kysely'
import { attemptLimits } from '../../src/core/attempt-limits.ts'
import type { Attempt, AttemptStore, Reserved } from '../../src/stores/ports/attempt-store.ts'
import type { Tables } from '../../src/stores/schema.ts'

/** One database with two writers, as two instances have it. */
export interface AttemptStoreUnderTest {
  readonly attempts: AttemptStore
  readonly other: AttemptStore
  readonly db: Kysely<Tables>
}

const now = 1_800_000_000_000
const minute = 60_000
const day = 86_400_000
const ann: Attempt = { tenant: null, username: 'ann', client: '192.0.2.1' }

/** Reserves, and is wrong. */
async function failAs(store: AttemptStore, attempt: Attempt, at: number) {
  return store.reserve(attempt, at)
}

async function logIn(store: AttemptStore, attempt: Attempt, at: number): Promise<Reserved> {
  const reserved = await store.reserve(attempt, at)
  assert.equal(reserved.kind, 'reserved')
  await store.succeed(reserved as Reserved, at)
  return reserved as Reserved
}

/** What every store of attempts must do, whatever database it stands on. `open` is called for each test. */
export function describeAttemptStore(database: string, open: () => Promise<AttemptStoreUnderTest>): void {
  describe(`attempt store on ${database}`, () => {
    test('an account is locked after some failures, wherever they come from, and opens again', async () => {
      const { attempts, other } = await open()
      for (let i = 0; i < 6; i++) {
        const store = i % 2 === 0 ? attempts : other
        const reserved = await failAs(store, { ...ann, client: `192.0.2.${i}` }, now)
        assert.equal(reserved.kind, 'reserved', String(i))
        assert.deepEqual((reserved as Reserved).reached, i === 5 ? ['account'] : [])
      }
      const refused = await failAs(other, { ...ann, client: '198.51.100.1' }, now)
      assert.equal(refused.kind === 'refused' && refused.by, 'account')
      assert.equal(refused.kind === 'refused' && refused.retryAfterMs, 1000)
      assert.equal((await failAs(other, { ...ann, client: '198.51.100.1' }, now + 1000)).kind, 'reserved')
    })

    test('a name that is typed otherwise is the same account; another tenant is another', async () => {
      const { attempts } = await open()
      for (let i = 0; i < 6; i++) await failAs(attempts, { ...ann, client: `192.0.2.${i}` }, now)
      assert.equal((await failAs(attempts, { ...ann, username: 'ＡNN', client: 'x' }, now)).kind, 'refused')
      assert.equal((await failAs(attempts, { ...ann, tenant: 'north', client: 'x' }, now)).kind, 'reserved')
      assert.equal((await failAs(attempts, { ...ann, username: 'an\u0000n', client: 'x' }, now)).kind, 'reserved')
    })

    test('of a hundred guesses at once no more are looked at than of a hundred one after the other', async () => {
      const { attempts, other } = await open()
      const guesses = Array.from({ length: 100 }, (_, i) =>
        failAs(i % 2 === 0 ? attempts : other, { ...ann, client: `192.0.2.${i}` }, now),
      )
      const looked = (await Promise.all(guesses)).filter(({ kind }) => kind === 'reserved')
      assert.equal(looked.length, attemptLimits.account.free + 1)
    })

    test('an attacker elsewhere does not lock the owner out, who gets in from where he was before', async () => {
      const { attempts, other } = await open()
      await logIn(attempts, ann, now)
      let refusals = 0
      for (let i = 0; i < 60; i++) {
        const guess = await failAs(other, { ...ann, client: `198.51.100.${i}` }, now + i)
        if (guess.kind === 'refused') refusals++
      }
      assert.ok(refusals > 50)
      const owner = await attempts.reserve(ann, now + 100)
      assert.equal(owner.kind === 'reserved' && owner.known, true)
      // Without the memory of where he was, he would have been locked out.
      const elsewhere = await attempts.reserve({ ...ann, client: '203.0.113.9' }, now + 100)
      assert.equal(elsewhere.kind, 'refused')
    })

    test('whoever shares the address of the owner gets few guesses, and does not lock other accounts', async () => {
      const { attempts } = await open()
      await logIn(attempts, ann, now)
      let looked = 0
      for (let i = 0; i < 100; i++) if ((await failAs(attempts, ann, now + i)).kind === 'reserved') looked++
      assert.equal(looked, attemptLimits.knownClient.free + 1)
      assert.equal((await attempts.reserve({ ...ann, username: 'bob' }, now + 100)).kind, 'reserved')
    })

    test('one address that tries many names is locked, also for accounts that nobody tried before', async () => {
      const { attempts } = await open()
      let looked = 0
      for (let i = 0; i < 60; i++) {
        const guess = await failAs(attempts, { ...ann, username: `user-${i}` }, now)
        if (guess.kind === 'reserved') looked++
        else assert.equal(guess.by, 'client')
      }
      assert.equal(looked, attemptLimits.client.free + 1)
      // Logging in to an account of his own does not give the attacker new guesses.
      await logIn(attempts, { ...ann, username: 'mallory' }, now + minute)
      let more = 0
      for (let i = 0; i < 20; i++) {
        const guess = await failAs(attempts, { ...ann, username: `other-${i}` }, now + minute)
        if (guess.kind === 'reserved') more++
      }
      assert.ok(more <= 1, `${more} more guesses`)
    })

    test('a list of names from ever new addresses: each gets one, then all new ones wait, known clients never', async () => {
      const { attempts } = await open()
      await logIn(attempts, ann, now)
      const { free, most } = attemptLimits.all
      const names = (i: number) => ({ ...ann, username: `user-${i}`, client: `address-${i}` })
      let reachedAt = -1
      for (let i = 0; i < free + 2; i++) {
        const guess = await failAs(attempts, names(i), now)
        if (guess.kind === 'reserved' && guess.reached.includes('all')) reachedAt = i
      }
      assert.equal(reachedAt, free)
      const sameAddress = { ...ann, client: 'address-new' }
      await failAs(attempts, { ...sameAddress, username: 'first' }, now)
      await failAs(attempts, { ...sameAddress, username: 'second' }, now)
      const third = await failAs(attempts, { ...sameAddress, username: 'third' }, now)
      assert.equal(third.kind === 'refused' && third.by, 'client')
      for (let i = free + 2; i < most + 10; i++) await failAs(attempts, names(i), now)
      const anybody = await failAs(attempts, { ...ann, username: 'new', client: 'newer' }, now)
      assert.equal(anybody.kind === 'refused' && anybody.by, 'all')
      assert.equal((await attempts.reserve(ann, now)).kind, 'reserved')
    })

    test('what did not fail leaves no trace', async () => {
      const { attempts } = await open()
      for (let i = 0; i < 30; i++) await logIn(attempts, { ...ann, client: `192.0.2.${i}` }, now)
      for (let i = 0; i < 30; i++) {
        const reserved = await attempts.reserve({ ...ann, client: '198.51.100.7' }, now)
        assert.equal(reserved.kind, 'reserved')
        await attempts.cancel(reserved as Reserved)
      }
    })

    test('no more clients are known than twenty, the latest, and none for longer than ninety days', async () => {
      const { attempts, db } = await open()
      for (let i = 0; i < 25; i++) await logIn(attempts, { ...ann, client: `192.0.2.${i}` }, now + i)
      assert.equal((await db.selectFrom('known_clients').selectAll().execute()).length, 20)
      const knows = async (client: string, at: number) => {
        const reserved = await attempts.reserve({ ...ann, client }, at)
        return reserved.kind === 'reserved' && reserved.known
      }
      assert.equal(await knows('192.0.2.24', now + 30), true)
      assert.equal(await knows('192.0.2.0', now + 30), false)
      assert.equal(await knows('192.0.2.24', now + 91 * day), false)
    })

    test('nothing that was typed is stored, and what has drained is forgotten', async () => {
      const { attempts, db } = await open()
      await logIn(attempts, ann, now)
      await failAs(attempts, { ...ann, username: 'my password!' }, now)
      const rows = [
        ...(await db.selectFrom('attempts').selectAll().execute()),
        ...(await db.selectFrom('known_clients').selectAll().execute()),
      ]
      assert.doesNotMatch(JSON.stringify(rows), /ann|password|192\.0/)
      assert.ok((await attempts.removeEnded(now + day, 1000)) > 0)
      assert.deepEqual(await db.selectFrom('attempts').selectAll().execute(), [])
      assert.equal((await db.selectFrom('known_clients').selectAll().execute()).length, 1)
      await attempts.removeEnded(now + 91 * day, 1000)
      assert.deepEqual(await db.selectFrom('known_clients').selectAll().execute(), [])
    })

    test('an operator opens a locked account', async () => {
      const { attempts, other } = await open()
      for (let i = 0; i < 6; i++) await failAs(attempts, { ...ann, client: `192.0.2.${i}` }, now)
      await other.unlock(null, 'Ann')
      assert.equal((await failAs(attempts, { ...ann, client: '198.51.100.1' }, now)).kind, 'reserved')
    })
  })
}
