import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { ClientLookup, ClientRecord, ClientStore } from '../../src/stores/ports/client-store.ts'
import { StoreError } from '../../src/stores/ports/store-error.ts'

/** One database as seen by its writer, by another writer and by a reader. */
export interface ClientStoreUnderTest {
  readonly clients: ClientStore
  readonly other: ClientStore
  readonly lookup: ClientLookup
}

const now = 1_800_000_000_000
const hour = 3_600_000

export function newClient(values: Partial<ClientRecord> = {}): ClientRecord {
  return {
    id: 'batch',
    settings: {
      name: 'Nightly "batch" ü',
      grants: ['clientCredentials'],
      scopes: ['orders:read'],
      redirectUris: [],
      postLogoutRedirectUris: [],
      roles: ['job'],
      consent: 'ask',
      dpop: 'optional',
      introspects: 'own',
    },
    secrets: [{ digest: 'd1', createdAt: now, expiresAt: null }],
    createdAt: now,
    ...values,
  }
}

/** What every store of clients must do, whatever database it stands on. `open` is called for each test. */
export function describeClientStore(database: string, open: () => Promise<ClientStoreUnderTest>): void {
  describe(`clients on ${database}`, () => {
    test('a client comes back as it was made, and its id is its own', async () => {
      const { clients, other, lookup } = await open()
      await clients.create(newClient())
      assert.deepEqual(await lookup.find('batch'), newClient())
      assert.deepEqual(await other.find('batch'), newClient())
      for (const id of ['', 'Batch', "' or 1=1 --", 'a\0']) assert.equal(await lookup.find(id), null)
      await assert.rejects(other.create(newClient({ secrets: [] })), (error: unknown) => {
        return error instanceof StoreError && error.failure === 'conflict'
      })
      assert.deepEqual(await lookup.find('batch'), newClient())
    })

    test('each tenant has its own, and those of none are its own too', async () => {
      const { clients, lookup } = await open()
      const settings = { ...newClient().settings, roles: ['north'] }
      const north = newClient({ tenant: 'north', settings })
      await clients.create(newClient())
      await clients.create(north)
      assert.deepEqual(await lookup.find('batch', 'north'), north)
      assert.deepEqual(await lookup.find('batch'), newClient())
      assert.equal(await lookup.find('batch', 'south'), null)
      assert.deepEqual(await clients.list({ tenant: 'north', limit: 9 }), [north])
      assert.deepEqual(await clients.list({ limit: 9 }), [newClient()])
      await clients.rotate({ id: 'batch', tenant: 'north', digest: 'd2', now, overlapUntil: null })
      assert.deepEqual(await lookup.find('batch'), newClient())
      assert.equal(await clients.remove('batch', now, 'south'), false)
      assert.equal(await clients.remove('batch', now, 'north'), true)
      assert.deepEqual(await lookup.find('batch'), newClient())
    })

    test('settings change, secrets do not', async () => {
      const { clients, lookup } = await open()
      await clients.create(newClient())
      const settings = { ...newClient().settings, resources: ['urn:stock'], disabled: true } as const
      assert.equal(await clients.update({ id: 'batch', settings }, now), true)
      assert.deepEqual(await lookup.find('batch'), newClient({ settings }))
      assert.equal(await clients.update({ id: 'batch', tenant: 'north', settings }, now), false)
    })

    test('they are listed in the order of their ids, page by page', async () => {
      const { clients } = await open()
      for (const id of ['c', 'a', 'b']) await clients.create(newClient({ id }))
      assert.deepEqual(
        (await clients.list({ limit: 2 })).map(({ id }) => id),
        ['a', 'b'],
      )
      assert.deepEqual(
        (await clients.list({ after: 'b', limit: 2 })).map(({ id }) => id),
        ['c'],
      )
    })

    test('a secret is rotated with an overlap, and the one before the last does not come back', async () => {
      const { clients, lookup } = await open()
      await clients.create(newClient())
      const rotate = (digest: string, overlapUntil: number | null) =>
        clients.rotate({ id: 'batch', digest, now, overlapUntil })
      assert.equal(await rotate('d2', now + hour), 'rotated')
      assert.deepEqual((await lookup.find('batch'))?.secrets, [
        { digest: 'd1', createdAt: now, expiresAt: now + hour },
        { digest: 'd2', createdAt: now, expiresAt: null },
      ])
      await rotate('d3', now + hour)
      assert.deepEqual(
        (await lookup.find('batch'))?.secrets.map(({ digest }) => digest),
        ['d2', 'd3'],
      )
      await rotate('d4', null)
      assert.deepEqual(
        (await lookup.find('batch'))?.secrets.map(({ digest }) => digest),
        ['d4'],
      )
    })

    test('of two rotations at the same time, none is lost', async () => {
      const { clients, other, lookup } = await open()
      await clients.create(newClient())
      const common = { id: 'batch', now, overlapUntil: now + hour }
      await Promise.all([clients.rotate({ ...common, digest: 'x' }), other.rotate({ ...common, digest: 'y' })])
      assert.deepEqual((await lookup.find('batch'))?.secrets.map(({ digest }) => digest).sort(), ['x', 'y'])
    })

    test('what has no secret, or is not there, is not rotated', async () => {
      const { clients } = await open()
      await clients.create(newClient({ secrets: [] }))
      assert.equal(await clients.rotate({ id: 'batch', digest: 'd2', now, overlapUntil: null }), 'public')
      assert.equal(await clients.rotate({ id: 'none', digest: 'd2', now, overlapUntil: null }), 'unknown')
    })

    test('a client that was removed is gone', async () => {
      const { clients, lookup } = await open()
      await clients.create(newClient())
      assert.equal(await clients.remove('batch', now), true)
      assert.equal(await clients.remove('batch', now), false)
      assert.equal(await lookup.find('batch'), null)
    })
  })
}
