import assert from 'node:assert/strict'
import { test } from 'node:test'
import { runCli } from '../../test/support/run-cli.ts'

test('the policy file of the example decides as its cases say', async () => {
  const ran = await runCli(import.meta.dirname, 'test', 'access.test.yaml', '--format', 'tap')
  assert.equal(ran.status, 0, ran.stdout + ran.stderr)
  assert.match(ran.stdout, /^TAP version 14\n1\.\.15\nok 1 - nobody reads orders\n/)
})
