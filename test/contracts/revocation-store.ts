import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { ChangeLog } from '../../src/stores/ports/change-log.ts'
import type {
  RevocableToken,
  Revocation,
  RevocationLookup,
  RevocationStore,
} from '../../src/stores/ports/revocation-store.ts'

/** One database as seen by its writer and by a reader of its own. */
export interface RevocationStoreUnderTest {
  readonly revocations: RevocationStore
  readonly lookup: RevocationLookup
  readonly changes: ChangeLog
  /** A second writer on the same database. */
  readonly other: RevocationStore
}

const now = 1_800_000_000_000
const hour = 3_600_000
const issuer = 'https://login.example.com/'

export function newRevocation(values: Partial<Revocation> = {}): Revocation {
  const common = { issuer, value: 'token-1', revokedAt: now, issuedUntil: null, endsAt: now + hour, reason: null }
  return { kind: 'token', ...common, ...values }
}

const token: RevocableToken = {
  issuer,
  tokenId: 'token-1',
  sessionId: 'session-1',
  subject: 'customer-1',
  clientId: 'shop-1',
  issuedAt: now - 60_000,
}

/** What every store of revocations must do, whatever database it stands on. `open` is called for each test. */
export function describeRevocationStore(database: string, open: () => Promise<RevocationStoreUnderTest>): void {
  describe(`revocations on ${database}`, () => {
    test('what is revoked by token, session, subject or client is found by a reader, and nothing else is', async () => {
      for (const [kind, value] of [
        ['token', 'token-1'],
        ['session', 'session-1'],
        ['subject', 'customer-1'],
        ['client', 'shop-1'],
      ] as const) {
        const { revocations, lookup } = await open()
        assert.equal(await lookup.find(token), null)
        assert.equal(await revocations.revoke(newRevocation({ kind, value })), 'revoked')
        assert.equal(await lookup.find(token), kind)
        const others = { tokenId: 'token-2', sessionId: 'session-2', subject: 'customer-2', clientId: null }
        assert.equal(await lookup.find({ ...token, ...others }), null)
        assert.equal(await lookup.find({ ...token, issuer: 'https://other.example.com/' }), null)
      }
    })

    test('a value of one kind revokes nothing of another kind', async () => {
      const { revocations, lookup } = await open()
      await revocations.revoke(newRevocation({ kind: 'session', value: 'customer-1' }))
      await revocations.revoke(newRevocation({ kind: 'subject', value: 'token-1' }))
      assert.equal(await lookup.find(token), null)
      assert.equal(await lookup.find({ ...token, sessionId: null }), null)
    })

    test('a revoked subject concerns what was issued until then, and what does not say when', async () => {
      const { revocations, lookup } = await open()
      await revocations.revoke(newRevocation({ kind: 'subject', value: 'customer-1', issuedUntil: now }))
      assert.equal(await lookup.find({ ...token, issuedAt: now }), 'subject')
      assert.equal(await lookup.find({ ...token, issuedAt: null }), 'subject')
      assert.equal(await lookup.find({ ...token, issuedAt: now + 1 }), null)
    })

    test('revoking again widens and never narrows', async () => {
      const { revocations, other, lookup } = await open()
      const first = newRevocation({ kind: 'subject', value: 'customer-1', issuedUntil: now, reason: 'lost phone' })
      await revocations.revoke(first)
      const later = { ...first, revokedAt: now + 5, issuedUntil: now + 5, endsAt: now + 2 * hour, reason: null }
      assert.equal(await other.revoke(later), 'already')
      assert.equal(await lookup.find({ ...token, issuedAt: now + 5 }), 'subject')
      await other.revoke({ ...first, issuedUntil: now - hour, endsAt: now })
      assert.deepEqual(await revocations.list({ limit: 10 }), [
        { ...first, issuedUntil: now + 5, endsAt: now + 2 * hour },
      ])
    })

    test('every revocation appears in the change log', async () => {
      const { revocations, changes } = await open()
      const before = await changes.position()
      await revocations.revoke(newRevocation())
      const between = await changes.position()
      assert.notEqual(between, before)
      await revocations.revoke(newRevocation({ endsAt: now + 2 * hour }))
      assert.notEqual(await changes.position(), between)
    })

    test('lists come in pages, of one issuer or of all', async () => {
      const { revocations } = await open()
      const all = ['a', 'b', 'c'].flatMap((name) => [
        newRevocation({ issuer: `https://${name}.example.com`, kind: 'session', value: 'same' }),
        newRevocation({ issuer: `https://${name}.example.com`, kind: 'token', value: 'same' }),
      ])
      for (const each of [...all].reverse()) await revocations.revoke(each)
      const first = await revocations.list({ limit: 3 })
      const rest = await revocations.list({ limit: 10, after: first[2] as Revocation })
      assert.deepEqual([...first, ...rest], all)
      assert.deepEqual(await revocations.list({ limit: 10, issuer: 'https://b.example.com' }), all.slice(2, 4))
    })

    test('what has ended is forgotten, so many at a time', async () => {
      const { revocations, lookup } = await open()
      for (let i = 0; i < 5; i++) await revocations.revoke(newRevocation({ value: `old-${i}`, endsAt: now - 1 }))
      await revocations.revoke(newRevocation({ endsAt: now }))
      assert.equal(await revocations.removeEnded(now, 3), 3)
      assert.equal(await revocations.removeEnded(now, 3), 2)
      assert.equal(await revocations.removeEnded(now, 3), 0)
      assert.equal(await lookup.find(token), 'token')
    })

    test('values are data, whatever they look like', async () => {
      const { revocations, lookup } = await open()
      const value = `'; drop table revocations; -- "ü" \u0000 %_`
      const safe = value.replace('\u0000', '')
      await revocations.revoke(newRevocation({ value: safe, reason: safe }))
      assert.equal(await lookup.find({ ...token, tokenId: safe }), 'token')
      assert.equal((await revocations.list({ limit: 1 }))[0]?.reason, safe)
      // What cannot be stored was not revoked; the rest of the token is looked up all the same.
      assert.equal(await lookup.find({ ...token, tokenId: safe, sessionId: value, subject: value }), 'token')
      assert.equal(await lookup.find({ ...token, tokenId: value }), null)
    })

    test('two writers that revoke the same at once both succeed', async () => {
      const { revocations, other, lookup } = await open()
      const results = await Promise.all([revocations.revoke(newRevocation()), other.revoke(newRevocation())])
      assert.deepEqual(results.sort(), ['already', 'revoked'])
      assert.equal(await lookup.find(token), 'token')
    })
  })
}
