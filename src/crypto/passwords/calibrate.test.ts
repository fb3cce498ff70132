import assert from 'node:assert/strict'
import { test } from 'node:test'
import { calibrateArgon2 } from './calibrate.ts'
import { type Argon2Parameters, findParameterProblem, minimums } from './parameters.ts'

/** A machine on which so much work takes a millisecond. */
const machine = (workPerMs: number) => (parameters: Argon2Parameters) =>
  (parameters.memoryKiB * parameters.passes) / workPerMs

test('what is advised takes about the time that was asked for', () => {
  for (const [workPerMs, targetMs] of [
    [1000, 250],
    [400, 100],
    [3000, 500],
  ] as const) {
    const { parameters, takesMs } = calibrateArgon2(targetMs, machine(workPerMs))
    assert.ok(takesMs <= targetMs && takesMs >= targetMs * 0.6, `${takesMs} of ${targetMs}`)
    assert.equal(findParameterProblem(parameters), null)
  }
})

test('a slow machine never gets less than the minimum, a fast one never more than the maximum', () => {
  assert.deepEqual(calibrateArgon2(250, machine(1)).parameters, minimums.argon2id)
  assert.equal(findParameterProblem(calibrateArgon2(5000, machine(1e6)).parameters), null)
})

test('this machine can be measured', () => {
  const { parameters, minimumTakesMs } = calibrateArgon2(60)
  assert.equal(findParameterProblem(parameters), null)
  assert.ok(minimumTakesMs > 0.5)
})
