import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { ArtefactLookup, ArtefactStore, NewArtefact } from '../../src/stores/ports/artefact-store.ts'
import type { ChangeLog } from '../../src/stores/ports/change-log.ts'
import type { RevocationLookup } from '../../src/stores/ports/revocation-store.ts'
import { newRevocation } from './revocation-store.ts'

/** One database as seen by its writer, by another writer and by a reader. */
export interface ArtefactStoreUnderTest {
  readonly artefacts: ArtefactStore
  readonly other: ArtefactStore
  readonly lookup: ArtefactLookup
  readonly revocations: RevocationLookup
  readonly changes: ChangeLog
}

const now = 1_800_000_000_000
const minute = 60_000

export function newArtefact(values: Partial<NewArtefact> = {}): NewArtefact {
  const none = { grant: null, uid: null, userCode: null }
  return { kind: 'AuthorizationCode', digest: 'd1', payload: 'sealed', ...none, expiresAt: now + minute, ...values }
}

/** What every store of artefacts must do, whatever database it stands on. `open` is called for each test. */
export function describeArtefactStore(database: string, open: () => Promise<ArtefactStoreUnderTest>): void {
  describe(`artefacts on ${database}`, () => {
    test('an artefact comes back as it was stored, by its digest, its uid and its user code', async () => {
      const { artefacts, lookup } = await open()
      const artefact = newArtefact({ grant: 'g1', uid: 'u1', userCode: 'c1' })
      await artefacts.put(artefact)
      const expected = { ...artefact, consumedAt: null }
      assert.deepEqual(await lookup.find('AuthorizationCode', 'd1'), expected)
      assert.deepEqual(await lookup.findByUid('AuthorizationCode', 'u1'), expected)
      assert.deepEqual(await lookup.findByUserCode('AuthorizationCode', 'c1'), expected)
    })

    test('what is of another kind, or not there, is not found', async () => {
      const { artefacts, lookup } = await open()
      await artefacts.put(newArtefact({ uid: 'u1' }))
      assert.equal(await lookup.find('RefreshToken', 'd1'), null)
      assert.equal(await lookup.findByUid('Session', 'u1'), null)
      for (const digest of ['', "' or 1=1 --", '%']) assert.equal(await lookup.find('AuthorizationCode', digest), null)
      assert.equal(await artefacts.consume('AuthorizationCode', 'd2', now), 'unknown')
      await artefacts.remove('AuthorizationCode', 'd2')
    })

    test('what is stored again takes the place of the former, and what was used stays used', async () => {
      const { artefacts, lookup } = await open()
      await artefacts.put(newArtefact())
      await artefacts.consume('AuthorizationCode', 'd1', now)
      await artefacts.put(newArtefact({ payload: 'anew', expiresAt: null, grant: 'g2' }))
      assert.deepEqual(await lookup.find('AuthorizationCode', 'd1'), {
        ...newArtefact({ payload: 'anew', expiresAt: null, grant: 'g2' }),
        consumedAt: now,
      })
    })

    test('of many that replace it at once, one does; what is gone does not come back', async () => {
      const { artefacts, other, lookup } = await open()
      await artefacts.put(newArtefact({ grant: 'g1' }))
      const replaced = await Promise.all(
        Array.from({ length: 10 }, (_, i) =>
          (i % 2 ? artefacts : other).replace(newArtefact({ payload: `next-${i}`, grant: 'g2' }), 'sealed'),
        ),
      )
      assert.equal(replaced.filter(Boolean).length, 1)
      const payload = `next-${replaced.indexOf(true)}`
      assert.deepEqual(await lookup.find('AuthorizationCode', 'd1'), {
        ...newArtefact({ payload, grant: 'g2' }),
        consumedAt: null,
      })
      await artefacts.endGrant({ grant: 'g2', wholly: false, revocation: null })
      assert.equal(await other.replace(newArtefact(), payload), false)
      assert.equal(await lookup.find('AuthorizationCode', 'd1'), null)
    })

    test('of many that use it up at once, through two writers, one has it', async () => {
      const { artefacts, other, lookup } = await open()
      await artefacts.put(newArtefact())
      const results = await Promise.all(
        Array.from({ length: 20 }, (_, i) => (i % 2 ? artefacts : other).consume('AuthorizationCode', 'd1', now + i)),
      )
      assert.equal(results.filter((result) => result === 'consumed').length, 1)
      assert.equal(results.filter((result) => result === 'already').length, 19)
      const found = await lookup.find('AuthorizationCode', 'd1')
      assert.equal(found?.consumedAt, now + results.indexOf('consumed'))
    })

    test('of many that add the same, one does; what has ended can be added again', async () => {
      const { artefacts, other } = await open()
      const proof = newArtefact({ kind: 'ReplayDetection' })
      const added = await Promise.all(Array.from({ length: 10 }, (_, i) => (i % 2 ? artefacts : other).add(proof, now)))
      assert.equal(added.filter(Boolean).length, 1)
      assert.equal(await artefacts.add(proof, now + minute - 1), false)
      assert.equal(await artefacts.add({ ...proof, expiresAt: now + 2 * minute }, now + minute), true)
    })

    test('with a grant ends everything that belongs to it, and nothing else', async () => {
      const { artefacts, lookup } = await open()
      await artefacts.put(newArtefact({ kind: 'Grant', digest: 'g1' }))
      await artefacts.put(newArtefact({ grant: 'g1' }))
      await artefacts.put(newArtefact({ kind: 'RefreshToken', digest: 'r1', grant: 'g1' }))
      await artefacts.put(newArtefact({ kind: 'RefreshToken', digest: 'r2', grant: 'g2' }))
      assert.equal(await artefacts.endGrant({ grant: 'g1', wholly: false, revocation: null }), 2)
      assert.equal(await lookup.find('AuthorizationCode', 'd1'), null)
      assert.equal(await lookup.find('RefreshToken', 'r1'), null)
      assert.notEqual(await lookup.find('RefreshToken', 'r2'), null)
      assert.notEqual(await lookup.find('Grant', 'g1'), null)
      await artefacts.endGrant({ grant: 'g1', wholly: true, revocation: null })
      assert.equal(await lookup.find('Grant', 'g1'), null)
    })

    test('tokens that are kept nowhere are revoked with their grant, and every worker hears of it', async () => {
      const { artefacts, revocations, changes } = await open()
      const before = await changes.position()
      const revocation = newRevocation({ kind: 'session', value: 'grant-1' })
      await artefacts.endGrant({ grant: 'g1', wholly: true, revocation })
      const { issuer } = revocation
      const token = { issuer, tokenId: 't', sessionId: 'grant-1', subject: 's', issuedAt: now }
      assert.equal(await revocations.find(token), 'session')
      assert.notEqual(await changes.position(), before)
    })

    test('what belongs to an account is found by it', async () => {
      const { artefacts, lookup } = await open()
      await artefacts.put({ ...newArtefact({ kind: 'Session', digest: 's1' }), account: 'a1' })
      await artefacts.put({ ...newArtefact({ kind: 'Grant', digest: 'g1' }), account: 'a1' })
      await artefacts.put({ ...newArtefact({ kind: 'Session', digest: 's2' }), account: 'a2' })
      assert.deepEqual(
        (await lookup.listOf('Session', 'a1')).map(({ digest }) => digest),
        ['s1'],
      )
      assert.deepEqual(await lookup.listOf('Session', 'a3'), [])
    })

    test('what has ended is removed, the oldest first, and so much at a time at most', async () => {
      const { artefacts, lookup } = await open()
      for (let i = 0; i < 5; i++) await artefacts.put(newArtefact({ digest: `d${i}`, expiresAt: now + i }))
      await artefacts.put(newArtefact({ digest: 'endless', expiresAt: null }))
      assert.equal(await artefacts.removeEnded(now + 4, 3), 3)
      assert.equal(await lookup.find('AuthorizationCode', 'd2'), null)
      assert.equal(await artefacts.removeEnded(now + 4, 3), 1)
      assert.equal(await artefacts.removeEnded(now + 4, 3), 0)
      assert.notEqual(await lookup.find('AuthorizationCode', 'd4'), null)
      assert.notEqual(await lookup.find('AuthorizationCode', 'endless'), null)
    })
  })
}
