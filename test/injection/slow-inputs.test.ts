import assert from 'node:assert/strict'
import { test } from 'node:test'
import { array, assert as check, constantFrom, property, string } from 'fast-check'
import { defaultThreshold, injectionClasses } from '../../src/injection/finding.ts'
import { judgeName, judgeText } from '../../src/injection/judge-text.ts'
import { measureGrowth } from './growth.ts'
import { repeated } from './slow-inputs.ts'

const asked = { classes: new Set(injectionClasses), threshold: defaultThreshold }
/** Nothing is enough: every detector reads everything, as where a deployment looks for one class only. */
const tireless = { classes: new Set(injectionClasses), threshold: 11 }

test('the time for each byte does not grow with length, whatever is repeated', (t) => {
  const quick = repeated.map((unit) => ({ unit, ...measureGrowth(unit, tireless, 128 * 1024, 1) }))
  const suspects = quick.toSorted((a, b) => b.ratio - a.ratio).slice(0, 6)
  const measured = suspects.map(({ unit }) => ({ unit, ...measureGrowth(unit, tireless) }))
  const worst = measured.toSorted((a, b) => b.ratio - a.ratio)[0]
  const slowest = quick.toSorted((a, b) => b.large - a.large)[0]
  t.diagnostic(`largest growth: ${worst?.ratio.toFixed(2)} × for ${JSON.stringify(worst?.unit)}`)
  t.diagnostic(`slowest: ${slowest?.large.toFixed(0)} ns a byte for ${JSON.stringify(slowest?.unit)}`)
  // Other work on the machine makes one of a hundred measurements late; what is not linear would be late a thousandfold.
  assert.ok((worst?.ratio ?? 0) < 8, `${worst?.unit}: ${worst?.ratio}`)
})

test('nor for what is made of several suspicious pieces', () => {
  const pieces = array(constantFrom(...repeated), { minLength: 2, maxLength: 6 })
  check(
    property(pieces, (parts) => {
      const { ratio } = measureGrowth(parts.join(''), tireless, 128 * 1024, 1)
      assert.ok(ratio < 8, `${JSON.stringify(parts)}: ${ratio.toFixed(1)} ×`)
    }),
    { numRuns: 40 },
  )
})

test('nothing throws, and a judgement does not depend on the one before', () => {
  const text = array(constantFrom(...repeated, ...'abc123'), { maxLength: 40 }).map((parts) => parts.join(''))
  check(
    property(text, string({ unit: 'binary' }), (one, other) => {
      const first = judgeText(one, asked)
      judgeText(other, asked)
      judgeName(other, asked)
      assert.deepEqual(judgeText(one, asked), first)
    }),
    { numRuns: 1000 },
  )
})

test('an attack is found behind a long honest text, where the place does not matter', () => {
  const honest = "It's a mug, and I like it. ".repeat(20_000)
  for (const attack of [
    '<img src=x onerror=alert(1)>',
    "{{''.__class__}}",
    '../../../etc/passwd',
    '<!ENTITY e SYSTEM "file:///x">',
  ]) {
    assert.ok((judgeText(honest + attack, asked)?.score ?? 0) >= defaultThreshold, attack)
  }
})
