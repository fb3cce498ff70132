import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'
import { silentLog } from '../core/telemetry.ts'
import { createLocalMasterKey } from '../crypto/master/local-master-key.ts'
import { generateRingKey } from '../crypto/master/open-key-ring.ts'
import { decryptField, encryptField } from '../crypto/ring/fields.ts'
import type { StoredRingKey } from '../stores/ports/key-ring-store.ts'
import { followKeyRing } from './follow-key-ring.ts'

const master = createLocalMasterKey(randomBytes(32))

async function createKey(role: 'active' | 'index'): Promise<StoredRingKey> {
  return { ...(await generateRingKey(role, master)), createdAt: 0, retiredAt: null }
}

async function open(unwraps: string[] = []) {
  const state = { keys: [await createKey('active'), await createKey('index')], down: false, epoch: 0, now: 0, reads: 0 }
  const counting = {
    ...master,
    unwrap: (wrapped: string, id: string) => {
      unwraps.push(id)
      return master.unwrap(wrapped, id)
    },
  }
  const list = async () => {
    state.reads++
    if (state.down) throw new Error('the store is gone')
    return state.keys
  }
  const live = await followKeyRing({
    store: { list },
    masters: [counting],
    epoch: { current: () => state.epoch },
    log: silentLog,
    now: () => state.now,
  })
  const rotate = async () => {
    const [active, ...others] = state.keys as [StoredRingKey, ...StoredRingKey[]]
    state.keys = [await createKey('active'), { ...active, role: 'retired' }, ...others]
  }
  return { state, live, rotate }
}

const settle = () => new Promise((resolve) => setTimeout(resolve, 5))

test('follows a rotation when the change log moves, and unwraps no key twice', async () => {
  const unwraps: string[] = []
  const { state, live, rotate } = await open(unwraps)
  const stored = encryptField(live.current(), '4111', ['card'])
  await rotate()
  assert.notEqual(live.current().activeId, state.keys[0]?.id, 'nothing told of it')
  state.epoch++
  live.current()
  await settle()
  assert.equal(live.current().activeId, state.keys[0]?.id)
  assert.equal(decryptField(live.current(), stored, ['card']), '4111')
  assert.equal(new Set(unwraps).size, unwraps.length)
})

test('finds a key that it does not know, and asks within bounds about one that nobody has', async () => {
  const { state, live, rotate } = await open()
  await rotate()
  const id = state.keys[0]?.id as string
  assert.ok((await live.withKey(id)).ids.includes(id))
  const before = state.reads
  for (let i = 0; i < 100; i++) await live.withKey('Unknown00001')
  assert.equal(state.reads, before + 1)
  state.now += 1000
  await live.withKey('Unknown00001')
  assert.equal(state.reads, before + 2)
})

test('serves with what it has while the store is gone, and recovers', async () => {
  const { state, live, rotate } = await open()
  const before = live.current().activeId
  await rotate()
  Object.assign(state, { down: true, epoch: 1 })
  live.current()
  await settle()
  assert.equal(live.current().activeId, before)
  Object.assign(state, { down: false, now: 1000 })
  live.current()
  await settle()
  assert.equal(live.current().activeId, state.keys[0]?.id)
})

test('a ring that is not there, or under another master key, is an error', async () => {
  const base = { epoch: { current: () => 0 }, log: silentLog, now: () => 0 }
  await assert.rejects(
    followKeyRing({ ...base, store: { list: async () => [] }, masters: [master] }),
    /no key ring yet: portcullis secrets rotate/,
  )
  const keys = [await createKey('active'), await createKey('index')]
  const masters = [createLocalMasterKey(randomBytes(32))]
  await assert.rejects(followKeyRing({ ...base, store: { list: async () => keys }, masters }), /give that master key/)
})
