import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ProbeResult } from '../../scanner/result.ts'
import { createProgress } from './progress.ts'

const result = (verdict: ProbeResult['verdict']): ProbeResult => ({
  ...{ route: 'GET /orders', policy: 'cors', probe: 'an attack', kind: 'attack', standard: null },
  ...{ expected: 'refused', got: '204 passed', verdict, reason: verdict === 'pass' ? null : 'it was forwarded' },
})

function listen(isTTY: boolean, lineByLine = false) {
  let at = 0
  let written = ''
  const stream = { isTTY, columns: 60, write: (text: string) => (written += text) }
  const progress = createProgress(stream, { lineByLine, now: () => at })
  const pass = (ms: number) => {
    at += ms
  }
  return { progress, pass, read: () => written }
}

test('on a terminal one line changes, never wraps, and is gone at the end', () => {
  const { progress, pass, read } = listen(true)
  progress.advances(1, 2)
  progress.tries(result('pass'))
  progress.found(result('fail'))
  pass(100)
  progress.tries({ ...result('pass'), probe: 'x'.repeat(100) })
  progress.waits(30)
  progress.end()
  const lines = read().split('\r\x1b[2K')
  assert.deepEqual(
    [lines[1], lines[3], lines[4]],
    [' 49 %  0 passed  GET /orders cors: an attack', ' 49 %  0 passed, 1 failed  waiting 30 s for a limit that is', ''],
  )
  assert.ok(lines.every((line) => line.length < 60))
  assert.doesNotMatch(read(), /\n/)
})

test('elsewhere there is a line now and then, and one for each of the first failures', () => {
  for (const { progress, pass, read } of [listen(false), listen(true, true)]) {
    progress.tries(result('pass'))
    assert.equal(read(), '')
    for (let count = 0; count < 30; count++) progress.found(result('fail'))
    pass(15_000)
    progress.tries(result('pass'))
    progress.end()
    const lines = read().split('\n')
    assert.equal(lines[0], 'prove: fail: GET /orders cors: an attack: it was forwarded')
    assert.deepEqual(lines.slice(19), [
      lines[0],
      'prove: further failures are told at the end',
      'prove: 0 %  0 passed, 30 failed  GET /orders cors: an attack',
      '',
    ])
    assert.ok(!read().includes('\x1b'))
  }
})
