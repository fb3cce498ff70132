import assert from 'node:assert/strict'
import { test } from 'node:test'
import { BodyParts } from './body-parts.ts'

test('small and large chunks come out in the order in which they came', () => {
  const parts = new BodyParts()
  const chunks = [1, 2000, 3, 4, 1024, 5, 1023, 6000, 7].map((size, i) => Buffer.alloc(size, i))
  for (const chunk of chunks) parts.push(chunk)
  assert.deepEqual(parts.toBuffer(), Buffer.concat(chunks))
})

test('a body of one chunk is that chunk', () => {
  const parts = new BodyParts()
  const chunk = Buffer.from('a')
  parts.push(chunk)
  assert.equal(parts.toBuffer(), chunk)
})

test('no chunks are an empty body', () => {
  assert.equal(new BodyParts().toBuffer().length, 0)
})

test('a body that comes byte by byte is held in few chunks', () => {
  const parts = new BodyParts()
  for (let i = 0; i < 100_000; i++) parts.push(Buffer.from([i & 0xff]))
  assert.equal(parts.toList().length, 2)
  assert.equal(parts.toBuffer().length, 100_000)
})
