import assert from 'node:assert/strict'
import { test } from 'node:test'
import { allReached, type Claim, isClose, judge, type Requirement } from './claim.ts'

const atLeast: Requirement = { ratio: '>=', value: 1.2 }
const atMost: Requirement = { amount: '<=', value: 64, unit: 'bytes' }

function claim(must: Requirement, median: number | null, min = median, max = median): Claim {
  return { text: 'a claim', must, got: median === null ? null : { median, min: min as number, max: max as number } }
}

test('the median decides, and the bound itself is enough', () => {
  assert.equal(judge(claim(atLeast, 1.2)), 'met')
  assert.equal(judge(claim(atLeast, 1.1999, 1, 5)), 'missed')
  assert.equal(judge(claim(atMost, 64)), 'met')
  assert.equal(judge(claim(atMost, 64.01, 1, 65)), 'missed')
})

test('what could not be measured is not reached', () => {
  assert.equal(judge(claim(atLeast, null)), 'not measured')
  assert.equal(judge(claim({ report: 'ratio' }, null)), 'not measured')
  assert.equal(allReached([claim(atLeast, 2), claim({ report: 'ratio' }, null)]), false)
})

test('what is only reported is reached whatever it is', () => {
  assert.equal(judge(claim({ report: 'amount', unit: 'ms' }, 12_345)), 'reported')
  assert.equal(allReached([claim({ report: 'ratio' }, 0.001), claim(atLeast, 2)]), true)
})

test('one missed claim is enough', () => {
  assert.equal(allReached([claim(atLeast, 2), claim(atMost, 65)]), false)
})

test('a range that touches the bound is marked', () => {
  assert.equal(isClose(claim(atLeast, 1.3, 1.1, 1.4)), true)
  assert.equal(isClose(claim(atLeast, 1.3, 1.25, 1.4)), false)
  assert.equal(isClose(claim({ report: 'ratio' }, 1.3, 1.1, 1.4)), false)
})
