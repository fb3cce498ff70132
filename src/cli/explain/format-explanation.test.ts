import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fakePolicies } from '../../../test/support/fake-policies.ts'
import { compileSnapshot } from '../../config/compile-snapshot.ts'
import type { Decided } from './decide.ts'
import { formatExplanation } from './format-explanation.ts'
import { parseUrl, toIncoming } from './parse-request.ts'
import { createPlan } from './plan.ts'

function explain(decided: Decided | null): string {
  const compiled = compileSnapshot('version: 1\nlisten: { https: { certificate: dev } }\n', { policies: fakePolicies })
  assert.ok(compiled.ok)
  const request = toIncoming('GET', parseUrl('/'), [], '192.0.2.1')
  return formatExplanation(createPlan(request, compiled.snapshot), decided, fakePolicies)
}

test('a decision is told step by step', () => {
  const decided: Decided = {
    status: 429,
    principal: 'service portcullis|billing',
    steps: [
      { stage: 'authenticate', policy: null, outcome: 'next', code: null, detail: null, reasons: [] },
      {
        stage: 'limit',
        policy: 'rate-limit',
        outcome: 'refuse',
        code: 'rate_limited',
        detail: 'the minute is used up',
        reasons: ['600 of 600'],
      },
    ],
  }
  const expected = `decision  would be answered with 429
caller    service portcullis|billing
  authenticate core               next
  limit        rate-limit         refuse rate_limited: the minute is used up
               600 of 600`
  assert.ok(explain(decided).endsWith(expected))
})

test('without a decision, it says so', () => {
  assert.ok(explain(null).endsWith('decision  not evaluated'))
  assert.ok(explain({ status: null, principal: null, steps: [] }).endsWith('decision  would be forwarded'))
})

test('a parameter cannot move the cursor', () => {
  const file = `version: 1
listen: { https: { certificate: dev } }
upstreams: { shop: { targets: [http://127.0.0.1:3000] } }
routes: [{ path: "/a/{x}", upstream: shop, authenticate: [apiKey] }]
`
  const compiled = compileSnapshot(file, { policies: fakePolicies })
  assert.ok(compiled.ok)
  const plan = createPlan(toIncoming('GET', parseUrl('/a/%C2%9B2J%E2%80%AE'), [], '192.0.2.1'), compiled.snapshot)
  assert.match(formatExplanation(plan, null, fakePolicies), /^parameter x = \?2J\?$/m)
})
