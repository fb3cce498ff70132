import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { BoundedCache } from './bounded-cache.ts'

test('what is asked for again stays, what is not goes', () => {
  const cache = new BoundedCache<number>({ maxEntries: 10 })
  cache.set('kept', 1)
  cache.set('forgotten', 2)
  for (let i = 0; i < 40; i++) {
    cache.set(`filler ${i}`, i)
    assert.equal(cache.get('kept'), 1)
  }
  assert.equal(cache.get('forgotten'), undefined)
})

test('neither the number of entries nor the length of keys passes its limit', () => {
  const operations = fc.array(fc.tuple(fc.boolean(), fc.string({ maxLength: 40 })), { maxLength: 200 })
  fc.assert(
    fc.property(operations, (steps) => {
      const cache = new BoundedCache<string>({ maxEntries: 8, maxKeyLength: 100 })
      const live = new Set<string>()
      for (const [adds, key] of steps) {
        if (adds) {
          cache.set(key, key)
          live.add(key)
          assert.equal(cache.get(key), key)
        } else {
          cache.delete(key)
          live.delete(key)
          assert.equal(cache.get(key), undefined)
        }
        assert.ok(cache.size <= 8)
      }
      const held = [...live].filter((key) => cache.get(key) !== undefined)
      assert.ok(held.join('').length <= 180)
    }),
  )
})

test('keys longer than a generation still work, one at a time', () => {
  const cache = new BoundedCache<number>({ maxEntries: 8, maxKeyLength: 10 })
  cache.set('x'.repeat(50), 1)
  cache.set('y'.repeat(50), 2)
  cache.set('z'.repeat(50), 3)
  assert.equal(cache.get('z'.repeat(50)), 3)
  assert.equal(cache.get('x'.repeat(50)), undefined)
})
