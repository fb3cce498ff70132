import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { test } from 'node:test'

/** What a program of its own says: modules are loaded once in a process. */
function run(program: string): string {
  const args = [
    ...process.execArgv.filter((one) => one.startsWith('--conditions')),
    '--input-type=module',
    '-e',
    program,
  ]
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd: import.meta.dirname, encoding: 'utf8' })
  assert.equal(status, 0, stderr)
  return stdout + stderr
}

// It would be nothing to keep back, and this file one to remove, once oidc-provider takes this Node for supported.
test('the warning of this Node is what oidc-provider says by itself', {
  skip: process.release.lts !== undefined,
}, () => {
  assert.match(run(`await import('oidc-provider')`), /Unsupported runtime/)
})

test('loading the identity server says nothing, and keeps back nothing else', () => {
  const said = run(`
    const { loadIssuers } = await import('./load-issuers.ts')
    const both = [loadIssuers(), loadIssuers()]
    console.warn('said meanwhile')
    const [one, other] = await Promise.all(both)
    console.warn(one === other && typeof one, 'said later: Unsupported runtime')
  `)
  assert.equal(said, 'said meanwhile\nfunction said later: Unsupported runtime\n')
})
