import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { measureCpu } from '../../../test/support/cpu-time.ts'
import { compilePattern } from './compile-pattern.ts'

/** Whether a pattern was proven to be linear on the engine of the runtime. */
const isNative = (pattern: string) => compilePattern(pattern) instanceof RegExp

const proven = [
  '^[A-Z]{3}-\\d{4}$',
  '^[a-z0-9]+(?:-[a-z0-9]+)*$',
  '^(?:red|green|blue)$',
  '^\\+?[1-9]\\d{1,14}$',
  '^a?b?c?$',
  '^\\S+$',
]
const unproven = [
  '^(a+)+$',
  'a*b',
  '^(?:a|ab)*c$',
  '^.*a.*$',
  '^\\S+@\\S+$',
  '(x+x+)+y',
  '^(?:re|red)$',
  '^[a-z]{1,9}[a-z]{1,9}$',
]

test('which patterns are proven', () => {
  for (const pattern of proven) assert.ok(isNative(pattern), pattern)
  for (const pattern of unproven) assert.ok(!isNative(pattern), pattern)
})

describe('either engine means what ECMAScript means', () => {
  const others = [
    '\\s',
    '^.$',
    '[^a]',
    '\\bprobe\\b',
    '^[\\w.-]+$',
    '\\u{1F600}',
    '\\ud83d\\ude00',
    '^\\p{L}+$',
    '^\\x41\\t$',
    'a{2,3}?',
    '^[\\]\\-^]+$',
    '^$',
  ]
  for (const pattern of [...proven, ...unproven, ...others]) {
    test(pattern, () => {
      const [own, standard] = [compilePattern(pattern), new RegExp(pattern, 'u')]
      const text = fc.oneof(
        fc.string(),
        fc.stringMatching(/^[abcdeglnru1 .@-]{0,12}$/),
        fc.constantFrom('\r', '\u2028', '\u00a0', '\n', '😀', 'é', '', 'A\t'),
      )
      fc.assert(
        fc.property(text, (one) => own.test(one) === standard.test(one)),
        { numRuns: 300 },
      )
    })
  }
})

describe('time is linear', () => {
  const texts = ['a', 'x', 'ab', 'a-', ' ', '@', '1'].map((piece) => piece.repeat(200_000 / piece.length))
  for (const pattern of [...proven, ...unproven]) {
    test(pattern, () => {
      const compiled = compilePattern(pattern)
      const tookMs = measureCpu(() => {
        for (const text of texts) {
          compiled.test(text)
          compiled.test(`${text}!`)
        }
      })
      assert.ok(tookMs < 4000, `${tookMs} ms`)
    })
  }
})
