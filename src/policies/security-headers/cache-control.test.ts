import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { toPrivate } from './cache-control.ts'

test('shared caches are kept out, the rest stays', () => {
  for (const [value, expected] of [
    ['public', 'private'],
    ['', 'private'],
    ['Public, Max-Age=60, S-MaxAge=600', 'private, Max-Age=60'],
    ['no-cache, must-revalidate', 'private, no-cache, must-revalidate'],
    ['PRIVATE, max-age=1', 'PRIVATE, max-age=1'],
    ['no-store', 'no-store'],
    ['private="set-cookie", max-age=60', 'private, max-age=60'],
    ['no-cache="a, b", s-maxage=1', 'private, no-cache="a, b"'],
    ['ext="x, private, y"', 'private, ext="x, private, y"'],
    ['ext="x, private', 'no-store'],
    ['", public', 'no-store'],
    ['max-age=60, x="\\"', 'no-store'],
    ['ext="a\\", private"', 'private, ext="a\\", private"'],
  ] as const) {
    assert.equal(toPrivate(value), expected, value)
  }
})

test('the first directive that a cache reads is always `private` or the value said so itself', () => {
  const part = fc.constantFrom(
    'public',
    'private',
    'no-store',
    'max-age=60',
    's-maxage=9',
    '"',
    ',',
    ' ',
    '=',
    '\\',
    'private="x"',
    'x',
  )
  fc.assert(
    fc.property(
      fc.array(part, { maxLength: 8 }).map((parts) => parts.join('')),
      (value) => {
        const result = toPrivate(value)
        assert.equal(toPrivate(result), result)
        if (result === value || result === 'no-store') return
        assert.ok(result.startsWith('private'))
        const unquoted = result.replace(/"(?:[^"\\]|\\.)*"/g, 'q')
        assert.doesNotMatch(unquoted, /"|(?:^|,)\s*(?:public|s-maxage)\s*(?:=|,|$)/)
      },
    ),
    { numRuns: 3000 },
  )
})
