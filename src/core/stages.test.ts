import assert from 'node:assert/strict'
import { test } from 'node:test'
import { requestStages, stages } from './stages.ts'

test('the order of the stages is fixed: moving one changes what an attacker gets for free', () => {
  assert.deepEqual(stages, [
    'intake',
    'guard',
    'authenticate',
    'limit',
    'authorize',
    'validate',
    'forward',
    'respond',
    'record',
  ])
})

test('request stages keep that order', () => {
  assert.deepEqual(
    requestStages,
    stages.filter((stage) => (requestStages as readonly string[]).includes(stage)),
  )
})
