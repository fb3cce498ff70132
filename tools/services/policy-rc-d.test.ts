import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, beforeEach, test } from 'node:test'
import { withoutDaemons } from './policy-rc-d.ts'

const folder = mkdtempSync(join(tmpdir(), 'policy-'))
const policyFile = join(folder, 'policy-rc.d')

beforeEach(() => rmSync(policyFile, { force: true }))
after(() => rmSync(folder, { recursive: true }))

test('daemons may not start while packages install, and may afterwards', async () => {
  await withoutDaemons(policyFile, ['nginx'], async () => assert.equal(ask(), 101))
  assert.equal(existsSync(policyFile), false)
})

test('the policy is removed when the installation fails', async () => {
  const failing = withoutDaemons(policyFile, ['nginx'], () => Promise.reject(new Error('no network')))
  await assert.rejects(failing, /no network/)
  assert.equal(existsSync(policyFile), false)
})

test('a policy that is there and refuses is used and kept', async () => {
  writePolicy('exit 101')
  const before = readFileSync(policyFile, 'utf8')
  await withoutDaemons(policyFile, ['nginx'], async () => assert.equal(ask(), 101))
  assert.equal(readFileSync(policyFile, 'utf8'), before)
})

test('a policy that is there and lets daemons start is kept, and nothing is installed', async () => {
  writePolicy('[ "$1" = haproxy ] && exit 0; exit 101')
  let installed = false
  const refused = withoutDaemons(policyFile, ['nginx', 'haproxy'], async () => {
    installed = true
  })
  await assert.rejects(refused, /not ours to change/)
  assert.equal(installed, false)
  assert.ok(existsSync(policyFile))
})

test('what a killed run left behind is cleared by the next', async () => {
  const source = `import { withoutDaemons } from ${JSON.stringify(join(import.meta.dirname, 'policy-rc-d.ts'))}
    await withoutDaemons(${JSON.stringify(policyFile)}, ['nginx'], () => { console.log('in'); return new Promise((r) => setTimeout(r, 60_000)) })`
  const child = spawn(process.execPath, ['--input-type=module', '-e', source], { stdio: ['ignore', 'pipe', 'inherit'] })
  await once(child.stdout, 'data')
  child.kill('SIGKILL')
  await once(child, 'close')
  assert.equal(ask(), 101)
  await withoutDaemons(policyFile, ['nginx'], async () => {})
  assert.equal(existsSync(policyFile), false)
})

function ask(): number | null {
  return spawnSync(policyFile, ['nginx', 'start']).status
}

function writePolicy(body: string): void {
  writeFileSync(policyFile, `#!/bin/sh\n${body}\n`)
  chmodSync(policyFile, 0o755)
}
