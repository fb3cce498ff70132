import assert from 'node:assert/strict'
import { test } from 'node:test'
import { SharedState } from './shared-state.ts'

test('made once, handed to all, disposed with the last who asked for it', () => {
  const shared = new SharedState()
  const disposed: object[] = []
  const [first, second] = [shared.open(), shared.open()]
  const make = () => ({})
  const value = first.get('key', make, (it) => void disposed.push(it))
  assert.equal(first.get('key', make), value)
  assert.equal(second.get('key', make), value)
  first.release()
  first.release()
  assert.deepEqual(disposed, [])
  second.release()
  assert.deepEqual(disposed, [value])
  assert.equal(shared.size, 0)
  assert.notEqual(shared.open().get('key', make), value)
})

test('what cannot be made is not kept, and what cannot be disposed holds up nothing', () => {
  const faults: unknown[] = []
  const shared = new SharedState((error) => void faults.push(error))
  const scope = shared.open()
  const fail = () => {
    throw new Error('a bug')
  }
  assert.throws(() => scope.get('key', fail), /a bug/)
  scope.get('key', () => ({}), fail)
  let disposed = false
  scope.get(
    'other',
    () => ({}),
    () => {
      disposed = true
    },
  )
  scope.release()
  assert.ok(disposed)
  assert.equal(faults.length, 1)
  assert.equal(shared.size, 0)
})
