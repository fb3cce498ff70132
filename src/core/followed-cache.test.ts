import assert from 'node:assert/strict'
import { test } from 'node:test'
import { FollowedCache } from './followed-cache.ts'

function open(maxEntries = 100) {
  const state = { now: 1000, epoch: 1, readable: true, reads: 0, stored: new Map<string, string>() }
  const cache = new FollowedCache<string>({
    load(key) {
      state.reads++
      return state.stored.get(key) ?? null
    },
    epoch: { current: () => state.epoch, readable: () => state.readable },
    now: () => state.now,
    maxEntries,
  })
  return { state, cache }
}

test('an answer is used while it is young, nothing has changed and changes can be heard of', () => {
  const { state, cache } = open()
  state.stored.set('a', 'one')
  for (let i = 0; i < 3; i++) assert.equal(cache.find('a', 30_000), 'one')
  assert.equal(state.reads, 1)
  state.epoch++
  assert.equal(cache.find('a', 30_000), 'one')
  assert.equal(state.reads, 2)
  state.now += 30_000
  cache.find('a', 30_000)
  assert.equal(state.reads, 3)
  state.now -= 1
  cache.find('a', 30_000)
  assert.equal(state.reads, 4, 'a clock that was set back')
  state.readable = false
  for (let i = 0; i < 3; i++) cache.find('a', 30_000)
  assert.equal(state.reads, 7)
})

test('what is not there is believed for five seconds at most', () => {
  const { state, cache } = open()
  assert.equal(cache.find('a', 30_000), null)
  state.stored.set('a', 'one')
  state.now += 4_999
  assert.equal(cache.find('a', 30_000), null)
  state.now += 1
  assert.equal(cache.find('a', 30_000), 'one')
})

test('guesses drive out nothing that is there, and nothing grows without a bound', () => {
  const { state, cache } = open(100)
  state.stored.set('a', 'one')
  cache.find('a', 30_000)
  for (let i = 0; i < 1000; i++) cache.find(`guess ${i}`, 30_000)
  const { reads } = state
  assert.equal(cache.find('a', 30_000), 'one')
  assert.equal(state.reads, reads)
  assert.ok(cache.size <= 200)
})

test('what is forgotten is asked for again; a failing store remembers nothing', async () => {
  const { state, cache } = open()
  state.stored.set('a', 'one')
  cache.find('a', 30_000)
  state.stored.delete('a')
  cache.forget('a')
  assert.equal(cache.find('a', 30_000), null)
  const failing = new FollowedCache<string>({
    load: () => Promise.reject(new Error('gone')),
    epoch: { current: () => 1, readable: () => true },
    now: () => 1,
    maxEntries: 10,
  })
  await assert.rejects(async () => failing.find('a', 1000), /gone/)
  assert.equal(failing.size, 0)
})
