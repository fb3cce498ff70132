import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'

const folder = mkdtempSync(join(tmpdir(), 'services-'))
after(() => rmSync(folder, { recursive: true }))

// A program that no machine has stands in for one that is not installed.
writeFileSync(
  join(folder, 'needs.test.ts'),
  `import { test } from 'node:test'
  import { services } from ${JSON.stringify(join(import.meta.dirname, '../../tools/services/catalog.ts'))}
  import { requireService } from ${JSON.stringify(join(import.meta.dirname, 'services.ts'))}
  Object.assign(services.nginx, { program: 'absent-program' })
  Object.assign(services.wrk, { program: 'absent-program', macApp: process.execPath })
  test('has as an application', (t) => { if (!requireService(t, 'wrk')) throw new Error('it is there') })
  test('has', (t) => { if (!requireService(t, 'openssl')) throw new Error('openssl is there') })
  test('needs', (t) => { if (requireService(t, 'nginx')) throw new Error('it cannot be there') })`,
)

test('a test whose program is missing is skipped by name', () => {
  const { status, stdout } = runWith({ CI: '' })
  assert.equal(status, 0)
  assert.match(stdout, /needs.*# needs absent-program \(apt-get install nginx-light\)/)
  assert.match(stdout, /pass 2\n/)
  assert.match(stdout, /skipped 1\n/)
})

test('with CI=true a missing program is a failure', () => {
  const { status, stdout } = runWith({ CI: 'true' })
  assert.equal(status, 1)
  assert.match(stdout, /Missing: absent-program/)
})

function runWith(env: NodeJS.ProcessEnv): { status: number | null; stdout: string } {
  // A test runner inside a test would report to the outer one.
  const { NODE_TEST_CONTEXT: _, ...inherited } = process.env
  const args = ['--test', '--test-reporter=spec', join(folder, 'needs.test.ts')]
  return spawnSync(process.execPath, args, { env: { ...inherited, ...env }, encoding: 'utf8' })
}
