import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { toUsername } from './username.ts'

test('spellings of one name are one name', () => {
  for (const [one, ...others] of [
    ['ann', 'Ann', 'ANN', 'ａｎｎ', 'ＡＮＮ'],
    ['strasse', 'straße', 'STRASSE', 'STRAẞE'],
    ['é', 'É', 'e\u0301', 'E\u0301'],
    ['ςοφος', 'ΣΟΦΟΣ', 'σοφος', 'σοφοσ'],
    ['kelvin', '\u212Aelvin'],
    ['file', 'ﬁle'],
  ] as const) {
    for (const other of others) assert.equal(toUsername(other), toUsername(one), other)
  }
  assert.notEqual(toUsername('ann'), toUsername('anna'))
})

test('what is no name is none', () => {
  for (const text of [
    '',
    ' ',
    ' ann',
    'ann ',
    'a\nb',
    'a\u0000',
    'a\u200Bb',
    '\uD800',
    '\u3000ann',
    'x'.repeat(201),
    '\uFDFA'.repeat(100),
  ]) {
    assert.equal(toUsername(text), null, JSON.stringify(text))
  }
})

test('a name that was made is not made into another', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 60 }), (text) => {
      const name = toUsername(text)
      if (name !== null) assert.equal(toUsername(name), name)
    }),
    { numRuns: 5000 },
  )
})
