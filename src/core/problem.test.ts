import assert from 'node:assert/strict'
import { test } from 'node:test'
import { refuse } from './decision.ts'
import { createProblemAnswer, createProblemTable, toProblemType } from './problem.ts'
import { coreCodes, publicProblems } from './problems.ts'

test('a problem shows the public code only, and the request id', () => {
  const table = createProblemTable([
    { name: 'key', codes: { key_revoked: { public: 'unauthenticated', meaning: 'The key was revoked.' } } },
  ])
  const answer = createProblemAnswer({ id: 'r-1' }, refuse('key_revoked', 'key k7 of owner o'), table)
  assert.equal(answer.status, 401)
  assert.equal(answer.headers.get('content-type'), 'application/problem+json')
  assert.deepEqual(JSON.parse(String(answer.body)), {
    type: 'urn:problem-type:unauthenticated',
    title: 'A valid credential is required',
    status: 401,
    instance: 'r-1',
  })
})

test('members cannot replace what the problem itself says', () => {
  const refusal = refuse('no_route', undefined, { members: { status: 200, title: 'fine', errors: [1] } })
  const body = JSON.parse(String(createProblemAnswer({ id: 'r' }, refusal, createProblemTable([])).body))
  assert.equal(body.status, 404)
  assert.equal(body.title, publicProblems.not_found.title)
  assert.deepEqual(body.errors, [1])
})

test('a code that nobody declared is answered as a fault of ours', () => {
  assert.equal(createProblemAnswer({ id: 'r' }, refuse('made_up'), createProblemTable([])).status, 500)
})

test('Retry-After is a whole number of seconds, at least one', () => {
  const answer = createProblemAnswer(
    { id: 'r' },
    refuse('overloaded', undefined, { retryAfterSeconds: 0.2 }),
    createProblemTable([]),
  )
  assert.equal(answer.headers.get('retry-after'), '1')
})

test('a code can be declared once only', () => {
  const codes = { no_route: { public: 'forbidden', meaning: 'x' } } as const
  assert.throws(() => createProblemTable([{ name: 'p', codes }]), /second time/)
})

test('types are stable: one per public code', () => {
  const types = Object.keys(publicProblems).map((code) => toProblemType(code as keyof typeof publicProblems))
  assert.equal(new Set(types).size, types.length)
  assert.ok(Object.values(coreCodes).every(({ meaning }) => meaning.endsWith('.')))
})
