import assert from 'node:assert/strict'
import { test } from 'node:test'
import { digestSecret } from '../../src/crypto/digest.ts'
import { toNameDigest, toRemoval } from '../../src/identity/people/removal.ts'
import { openAudit } from '../../src/runtime/audited.ts'
import { createPeopleStore } from '../../src/runtime/people-store.ts'
import { createArtefactLookup } from '../../src/stores/artefact-lookup.ts'
import { createArtefactStore } from '../../src/stores/artefact-store.ts'
import { createEndedLoginStore } from '../../src/stores/ended-login-store.ts'
import type { NewArtefact } from '../../src/stores/ports/artefact-store.ts'
import { createSessionStore } from '../../src/stores/session-store.ts'
import type { Store } from '../../src/stores/store.ts'
import { newAccount } from './account-store.ts'
import { newArtefact } from './artefact-store.ts'
import { newSession } from './session-store.ts'

const now = 1_800_000_000_000
const issuer = 'https://login.example.com'
const tokens = { issuer, endsAt: now + 660_000 }

/** What people do to their accounts, on whatever database. `open` is called for each test. */
export function describePeopleStore(database: string, open: () => Promise<Store>): void {
  /** An account with a login, a grant, a refresh token and a session of an application, and another one with the same. */
  async function openWithTwo() {
    const store = await open()
    const { db } = store
    const read = async (query: unknown) => (await db.executeQuery(query as never)).rows
    const artefacts = createArtefactStore(db)
    for (const id of ['ann', 'bob']) {
      await store.accounts.create(newAccount({ id, username: `${id}@orchard.test`, passwordHash: 'old' }))
      const put = (values: Partial<NewArtefact>) => artefacts.put({ ...newArtefact(values), account: digestSecret(id) })
      await put({ kind: 'Session', digest: `session-${id}` })
      await put({ kind: 'Grant', digest: `grant-${id}` })
      await put({ kind: 'RefreshToken', digest: `refresh-${id}`, grant: `grant-${id}` })
      const { caller } = newSession()
      await createSessionStore(db).create(newSession({ caller: { ...caller, id } }))
    }
    const lookup = createArtefactLookup(db, read as never)
    const isThere = async (kind: string, digest: string) => (await lookup.find(kind, digest)) !== null
    const findRevoked = async (sessionId: string) => {
      const rows = await store.revocations.list({ limit: 100 })
      return rows.some(({ kind, value }) => kind === 'session' && value === sessionId)
    }
    const actions = async () => (await openAudit(db).list({ limit: 100 })).map(({ action }) => action)
    return { store, people: createPeopleStore(db), isThere, findRevoked, actions }
  }

  test(`signing out ends what is of one account, on ${database}`, async () => {
    const { store, people, isThere, findRevoked, actions } = await openWithTwo()
    assert.deepEqual(await people.signOut({ accountId: 'ann', tokens, now }), { sessions: 2, applications: 1 })
    for (const [kind, name] of [
      ['Session', 'session'],
      ['Grant', 'grant'],
      ['RefreshToken', 'refresh'],
    ] as const) {
      assert.equal(await isThere(kind, `${name}-ann`), false, kind)
      assert.equal(await isThere(kind, `${name}-bob`), true, kind)
    }
    assert.deepEqual([await findRevoked('grant-ann'), await findRevoked('grant-bob')], [true, false])
    assert.equal((await store.accounts.find('ann'))?.signedOutAt, now)
    assert.equal((await store.accounts.find('ann'))?.passwordHash, 'old')
    assert.deepEqual(await actions(), ['account-signed-out'])
    assert.equal(await people.signOut({ accountId: 'nobody', tokens, now }), null)
    await store.close()
  })

  test(`logins that end are kept until their clients know, and of two takers one has each, on ${database}`, async () => {
    const { store, people } = await openWithTwo()
    const ended = createEndedLoginStore(store.db)
    assert.deepEqual(await ended.take(now, 100, 5), [])
    await people.signOut({ accountId: 'ann', tokens, now })
    const login = { digest: 'session-ann', payload: 'sealed', attempts: 1, expiresAt: now + 86_400_000 }
    const both = await Promise.all([ended.take(now, 100, 5), ended.take(now, 100, 5)])
    assert.deepEqual(both.flat(), [login])
    assert.deepEqual(await ended.take(now + 99, 100, 5), [])
    assert.deepEqual(await ended.take(now + 100, 100, 5), [{ ...login, attempts: 2 }], 'who took it has died')
    await ended.postpone(login.digest, 'less', now + 1000)
    assert.deepEqual(await ended.take(now + 999, 100, 5), [])
    assert.deepEqual(await ended.take(now + 1000, 100, 5), [{ ...login, payload: 'less', attempts: 3 }])
    await ended.remove(login.digest)

    const mark = { ...newArtefact({ kind: 'SessionEnd', digest: 'mark', payload: '' }), account: digestSecret('bob') }
    const end = { accountId: 'bob', tokens, now, grants: [], session: 'session-bob', mark }
    assert.equal(await people.endSession(end), true)
    assert.equal(await people.endSession(end), false)
    assert.deepEqual(await ended.take(now + 9999, 100, 5), [{ ...login, digest: 'session-bob' }])
    await store.close()
  })

  test(`a password is taken away with everything, or by no used token, on ${database}`, async () => {
    const { store, people, isThere } = await openWithTwo()
    const change = { accountId: 'ann', tokens, now, hash: null, mail: null }
    assert.equal(await people.changePassword({ ...change, token: { kind: 'PasswordReset', digest: 'none' } }), 'ended')
    assert.equal(await isThere('Session', 'session-ann'), true)
    assert.equal(await people.changePassword({ ...change, token: null }), 'done')
    assert.equal(await isThere('Session', 'session-ann'), false)
    assert.equal((await store.accounts.find('ann'))?.passwordHash, null)
    await store.close()
  })

  test(`a change by an old password that was replaced meanwhile does not win, on ${database}`, async () => {
    const { store, people } = await openWithTwo()
    const judged = await store.accounts.find('ann')
    assert.ok(judged !== null)
    const change = { accountId: 'ann', tokens, mail: null, token: null, now: now + 1 }
    // Hashed anew because it was weak, it is the same password.
    await store.accounts.replaceHash('ann', 'old', 'the same, stronger')
    assert.equal(await people.changePassword({ ...change, hash: 'of the owner', judged }), 'done')
    assert.equal(await people.changePassword({ ...change, hash: 'of the thief', judged, now: now + 2 }), 'ended')
    assert.equal((await store.accounts.find('ann'))?.passwordHash, 'of the owner')
    const again = await store.accounts.find('ann')
    assert.ok(again !== null)
    const both = await Promise.all(
      ['one', 'two'].map((hash) => people.changePassword({ ...change, hash, judged: again, now: now + 3 })),
    )
    assert.deepEqual(both.toSorted(), ['done', 'ended'])
    await store.close()
  })

  test(`one login ends with its grants, and leaves a mark, on ${database}`, async () => {
    const { store, people, isThere, findRevoked, actions } = await openWithTwo()
    const mark = newArtefact({ kind: 'SessionEnd', digest: 'uid-ann' })
    const end = { accountId: 'ann', tokens, now, grants: ['grant-ann'], session: 'session-ann', mark }
    assert.equal(await people.endSession(end), true)
    assert.equal(await people.endSession(end), false)
    assert.deepEqual(
      [await isThere('Session', 'session-ann'), await isThere('RefreshToken', 'refresh-ann')],
      [false, false],
    )
    assert.deepEqual([await isThere('SessionEnd', 'uid-ann'), await findRevoked('grant-ann')], [true, true])
    assert.deepEqual(await actions(), ['login-ended'])
    await store.close()
  })

  test(`a consent that is withdrawn ends its grants, and nothing else, on ${database}`, async () => {
    const { store, people, isThere, actions } = await openWithTwo()
    const end = { accountId: 'ann', tokens: null, now, grants: ['grant-ann'] }
    assert.equal(await people.withdraw(end, 'shop'), 1)
    assert.equal(await people.withdraw(end, 'shop'), 0)
    assert.equal(await isThere('Grant', 'grant-ann'), false)
    assert.equal(await isThere('Session', 'session-ann'), true)
    assert.equal(await isThere('Grant', 'grant-bob'), true)
    assert.deepEqual(await actions(), ['consent-withdrawn'])
    await store.close()
  })

  test(`an account is removed with all that is its, and its name is kept for a while, on ${database}`, async () => {
    const { store, people, isThere, actions } = await openWithTwo()
    const holder = { kind: 'principal', issuer, id: 'ann' } as const
    await store.roles.create({ name: 'auditor', inherits: [], permissions: [], description: null, createdAt: now })
    await store.roles.grant({ holder, role: 'auditor', createdAt: now })
    const account = { id: 'ann', tenant: null, username: 'ann@orchard.test' }
    const link = { ...newArtefact({ kind: 'SignUp', digest: 'link' }), account: toNameDigest(account) }
    await createArtefactStore(store.db).put(link)
    assert.equal(await people.remove(toRemoval(account, tokens, null, now)), true)
    assert.equal(await people.remove(toRemoval(account, tokens, null, now)), false)
    assert.equal(await store.accounts.find('ann'), null)
    assert.equal(await isThere('SignUp', 'link'), false)
    assert.equal(await isThere('Session', 'session-ann'), false)
    assert.equal(await isThere('ReservedName', toNameDigest(account)), true)
    assert.deepEqual(await store.roles.assignments({ holder, limit: 9 }), [])
    assert.deepEqual(await createSessionStore(store.db).list({ principal: 'ann', limit: 9 }), [])
    assert.deepEqual(await actions(), ['account-removed'])
    assert.ok(!JSON.stringify(await openAudit(store.db).list({ limit: 9 })).includes('orchard'))
    assert.notEqual(await store.accounts.find('bob'), null)
    await store.close()
  })

  test(`of a removal and a sign-out at the same time, nothing half is left, on ${database}`, async () => {
    const { store, people, isThere } = await openWithTwo()
    const account = { id: 'ann', tenant: null, username: 'ann@orchard.test' }
    await Promise.all([
      people.remove(toRemoval(account, tokens, null, now)),
      people.signOut({ accountId: 'ann', tokens, now }),
      people.changePassword({ accountId: 'ann', tokens, now, hash: 'new', mail: null, token: null }),
    ])
    assert.equal(await store.accounts.find('ann'), null)
    assert.equal(await isThere('Grant', 'grant-ann'), false)
    await store.close()
  })
}
