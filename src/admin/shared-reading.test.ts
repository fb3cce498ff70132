import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createSharedReading } from './shared-reading.ts'

test('one reading serves all who ask while it lasts, and until it is too old', async () => {
  let clock = 0
  let readings = 0
  const read = createSharedReading(
    async () => ++readings,
    1_000,
    () => clock,
  )
  assert.deepEqual(await Promise.all([read(), read(), read()]), [1, 1, 1])
  clock = 999
  assert.equal(await read(), 1)
  clock = 1_000
  assert.deepEqual(await Promise.all([read(), read()]), [2, 2])
})

test('its age counts from its end: a slow one does not overlap with the next', async () => {
  let clock = 0
  let end = (_: string): void => {}
  const read = createSharedReading(
    () => new Promise<string>((resolve) => (end = resolve)),
    1_000,
    () => clock,
  )
  const first = read()
  clock = 5_000
  const second = read()
  end('late')
  assert.deepEqual(await Promise.all([first, second]), ['late', 'late'])
  clock = 5_999
  assert.equal(await read(), 'late')
})

test('a reading that fails is told to those who waited, and tried again', async () => {
  let fails = true
  const read = createSharedReading(async () => {
    if (fails) throw new Error('not now')
    return 'good'
  }, 1_000)
  const both = await Promise.allSettled([read(), read()])
  assert.deepEqual(
    both.map(({ status }) => status),
    ['rejected', 'rejected'],
  )
  fails = false
  assert.equal(await read(), 'good')
})
