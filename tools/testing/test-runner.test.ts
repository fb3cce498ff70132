import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'

const folder = mkdtempSync(join(tmpdir(), 'runner-'))
after(() => rmSync(folder, { recursive: true }))

const passing = suite('passing', "test('adds', () => {})")
const skipping = suite('skipping', "test('asks nginx', { skip: 'needs nginx' }, () => {}); test('adds', () => {})")
const failing = suite('failing', "test('adds', () => { throw new Error('wrong sum') })")
const crashing = suite('crashing', "throw new Error('before any test')")
const empty = suite('empty', '')
const hanging = suite('hanging', "test('adds', () => {}); setInterval(() => {}, 1000)")
const looping = suite('looping', "test('adds', () => { for (;;); })")

test('a run that passes ends with the summary of node:test', () => {
  const { status, lines } = runTests([passing])
  assert.equal(status, 0)
  assert.match(lines.at(-1) ?? '', /^ℹ duration_ms/)
  assert.ok(lines.includes('ℹ pass 1'))
})

test('what was skipped is listed by name right before the summary', () => {
  const { status, lines } = runTests([skipping, passing])
  assert.equal(status, 0)
  const summary = lines.indexOf('ℹ tests 3')
  assert.match(lines[summary - 1] ?? '', /ℹ skipped: .*skipping\/it\.test\.ts › asks nginx: needs nginx/)
})

for (const [what, path, reason] of [
  ['a failing test', failing, /wrong sum/],
  ['a file that throws before its tests', crashing, /before any test/],
  ['a file that declares no tests', empty, /declares no tests/],
  ['a file that hangs after its tests', hanging, /hanging.*was still running after 2 s/],
  ['a file that never yields', looping, /looping.*was still running after 2 s/],
] as const) {
  test(`${what} fails the run`, () => {
    const { status, output } = runTests([path, passing])
    assert.equal(status, 1)
    assert.match(output, reason)
  })
}

test('a run without a single test fails', () => {
  const { status, output } = runTests([passing, '--test-name-pattern=subtracts'])
  assert.equal(status, 1)
  assert.match(output, /no test ran/)
})

test('a path that does not exist fails the run', () => {
  assert.equal(runTests([join(folder, 'absent')]).status, 1)
})

function suite(name: string, body: string): string {
  mkdirSync(join(folder, name))
  writeFileSync(join(folder, name, 'it.test.ts'), `import { test } from 'node:test'\n${body}\nexport { test }\n`)
  return join(folder, name)
}

function runTests(args: string[]): { status: number | null; output: string; lines: string[] } {
  // A test runner inside a test would report to the outer one.
  const { NODE_TEST_CONTEXT: _, ...env } = process.env
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(import.meta.dirname, '../test.ts'), ...args], {
    env: { ...env, TEST_FILE_TIMEOUT_MS: '2000' },
    encoding: 'utf8',
  })
  return { status, output: stdout + stderr, lines: stdout.trimEnd().split('\n') }
}
