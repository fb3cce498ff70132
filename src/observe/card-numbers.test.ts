import assert from 'node:assert/strict'
import { test } from 'node:test'
import { replaceCardNumbers } from './card-numbers.ts'

const clean = (text: string) => replaceCardNumbers(text, '*')

// The test numbers that the schemes and their processors publish.
const cards = [
  '4111111111111111',
  '4222222222222',
  '5555555555554444',
  '5105105105105100',
  '2223003122003222',
  '378282246310005',
  '340000000000009',
  '6011111111111117',
  '3530111333300000',
  '30569309025904',
  '6200000000000005',
]

test('numbers of every scheme are replaced, wherever they stand', () => {
  for (const card of cards) {
    assert.equal(clean(`paid with ${card}.`), 'paid with *.')
    assert.equal(clean(`n${card}x`), 'n*x')
    assert.equal(clean(`"${card}","${card}"`), '"*","*"')
  }
})

test('groups are known, whatever parts them and whatever number stands beside them', () => {
  for (const gap of [' ', '-', '.', '+', '%20']) {
    assert.equal(clean(['4111', '1111', '1111', '1111'].join(gap)), '*')
    assert.equal(clean(['3782', '822463', '10005'].join(gap)), '*')
  }
  assert.equal(clean('order 12 4111 1111 1111 1111'), 'order 12 *')
  assert.equal(clean('1234 4111 1111 1111 1111 12/28 123'), '1234 * 12/28 123')
  assert.equal(clean('4111111111111111 4111111111111111'), '* *')
})

test('other numbers stay', () => {
  for (const text of [
    '4111111111111112',
    '1795484634122',
    '1795484634122123456',
    '0.4111111111111111',
    '41111111111111114111111111111111',
    '2026-11-24T01:43:42.123Z',
    '12345678-1234-4234-8234-123456789012',
    '4111 1111',
    '0000000000000000',
  ]) {
    assert.equal(clean(text), text)
  }
})
