import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { Fields } from './fields.ts'

test('set leaves one occurrence, in the place of the first', () => {
  const fields = new Fields(['a', '1', 'b', '2', 'a', '3', 'c', '4', 'a', '5'])
  fields.set('a', '9')
  assert.deepEqual(fields.flat, ['a', '9', 'b', '2', 'c', '4'])
})

test('delete removes every occurrence', () => {
  const fields = new Fields(['a', '1', 'b', '2', 'a', '3'])
  fields.delete('a')
  assert.deepEqual(fields.flat, ['b', '2'])
})

test('addToList adds a member once, whatever its case, and never beside *', () => {
  const fields = new Fields()
  fields.addToList('vary', 'Origin')
  fields.addToList('vary', 'origin')
  fields.addToList('vary', 'Accept')
  assert.deepEqual(fields.flat, ['vary', 'Origin, Accept'])
  const all = new Fields(['vary', '*'])
  all.addToList('vary', 'Origin')
  assert.deepEqual(all.flat, ['vary', '*'])
})

test('any sequence of operations agrees with a plain list of pairs', () => {
  const name = fc.constantFrom('a', 'b', 'c')
  const operation = fc.oneof(
    fc.tuple(fc.constant('append' as const), name, fc.string()),
    fc.tuple(fc.constant('set' as const), name, fc.string()),
    fc.tuple(fc.constant('delete' as const), name, fc.constant('')),
  )
  fc.assert(
    fc.property(fc.array(operation), (operations) => {
      const fields = new Fields()
      let model: [string, string][] = []
      for (const [kind, key, value] of operations) {
        if (kind === 'append') {
          fields.append(key, value)
          model.push([key, value])
        } else if (kind === 'delete') {
          fields.delete(key)
          model = model.filter(([k]) => k !== key)
        } else {
          fields.set(key, value)
          const at = model.findIndex(([k]) => k === key)
          if (at === -1) model.push([key, value])
          else model = model.filter(([k], i) => k !== key || i === at).map(([k, v]) => [k, k === key ? value : v])
        }
      }
      assert.deepEqual(fields.flat, model.flat())
      for (const key of ['a', 'b', 'c']) {
        assert.deepEqual(
          fields.all(key),
          model.filter(([k]) => k === key).map(([, v]) => v),
        )
        assert.equal(fields.get(key), model.find(([k]) => k === key)?.[1])
      }
    }),
  )
})
