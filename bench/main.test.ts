import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { test } from 'node:test'

function runMain(...args: string[]) {
  const main = new URL('main.ts', import.meta.url).pathname
  return spawnSync(process.execPath, ['--conditions=source', main, ...args], { encoding: 'utf8' })
}

test('wrong options end with usage and exit code 2, before anything is measured', () => {
  for (const args of [
    ['--only', 'nothing'],
    ['--rounds', '0'],
    ['--seconds', 'long'],
    ['--frequency', '3'],
  ]) {
    const { status, stdout, stderr } = runMain(...args)
    assert.equal(status, 2, args.join(' '))
    assert.match(stderr, /Usage: npm run bench/)
    assert.equal(stdout, '')
  }
})

test('--list names every scenario', () => {
  const { status, stdout } = runMain('--list')
  assert.equal(status, 0)
  for (const name of ['gateway', 'fresh-tokens', 'slow-clients', 'route-match', 'rate-limit-table']) {
    assert.match(stdout, new RegExp(`^${name}: `, 'm'))
  }
})
