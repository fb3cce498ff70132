import assert from 'node:assert/strict'
import { test } from 'node:test'
import { toReport } from './report.ts'

test('the report says what the file allows by itself, and ends with the count', () => {
  const result = { route: 'GET /', policy: 'cors', probe: 'an attack', kind: 'attack', standard: null } as const
  const failed = { ...result, expected: 'refused', got: '204', verdict: 'fail', reason: 'it was forwarded' } as const
  const position = { file: 'portcullis.yaml', line: 9, column: 5 }
  const report = toReport(
    [failed],
    [
      { kind: 'public', text: 'GET /: anyone may call', reason: 'a page', position: null },
      { kind: 'unsafe', text: 'identity: passwords are exchanged for tokens', reason: 'until June', position },
    ],
  )
  assert.equal(
    report,
    `route  policy  probe      expected  got  verdict
-----  ------  ---------  --------  ---  -------
GET /  cors    an attack  refused   204  fail

Unsafe:
  line 9: identity: passwords are exchanged for tokens (until June)

Public:
  GET /: anyone may call (a page)

fail: GET / cors: an attack: it was forwarded

0 passed, 1 failed, 0 not run`,
  )
})
