import assert from 'node:assert/strict'
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { startFakeClamd } from '../../../test/support/fake-clamd.ts'
import { runCli } from '../../../test/support/run-cli.ts'
import { openSqliteStore } from '../../stores/sqlite/sqlite-store.ts'
import { checkAntivirus } from './check-antivirus.ts'
import { checkClock } from './check-clock.ts'
import { checkDataFolder } from './check-data-folder.ts'
import { checkNode } from './check-node.ts'
import { checkPasswords } from './check-passwords.ts'
import { checkStore } from './check-store.ts'
import type { Checkup } from './checkup.ts'

const folder = mkdtempSync(join(tmpdir(), 'portcullis-doctor-'))
after(() => rmSync(folder, { recursive: true }))

const file = `version: 1
listen: { https: { certificate: dev } }
`

test('a machine that is well is told so, and what passwords should cost on it', async () => {
  writeFileSync(join(folder, 'portcullis.yaml'), file)
  const { status, stdout } = await runCli(folder, 'doctor', '--target', '50ms')
  assert.equal(status, 0, stdout)
  assert.match(stdout, /^ok {4}node +Node 2\d/m)
  assert.match(stdout, /^ok {4}policy-file +portcullis\.yaml is valid$/m)
  assert.match(stdout, /passwords: \{ argon2id: \{ memory: \d+MiB, passes: \d+ \} \}|the least that is allowed takes/)
})

test('a policy file that is wrong, or not there, is a finding', async () => {
  writeFileSync(join(folder, 'wrong.yaml'), 'version: 3\n')
  for (const name of ['wrong.yaml', 'missing.yaml']) {
    const { status, stdout } = await runCli(folder, 'doctor', '--config', name, '--target', '20ms', '--json')
    assert.equal(status, 1)
    const { checkups } = JSON.parse(stdout) as { checkups: Checkup[] }
    assert.ok(checkups.some(({ name: what, state }) => what === 'policy-file' && state === 'fail'))
  }
  assert.equal((await runCli(folder, 'doctor', '--target', 'soon')).status, 2)
})

test('what others can read is found', async () => {
  const data = join(folder, 'data')
  mkdirSync(data, { mode: 0o700 })
  const store = join(data, 'portcullis.db')
  writeFileSync(store, '', { mode: 0o600 })
  writeFileSync(join(data, 'prove.key'), 'x', { mode: 0o600 })
  assert.deepEqual(
    (await checkDataFolder(data, store)).map(({ state }) => state),
    ['ok'],
  )
  chmodSync(join(data, 'prove.key'), 0o644)
  chmodSync(data, 0o755)
  const found = await checkDataFolder(data, store)
  assert.deepEqual(
    found.map(({ state }) => state),
    ['fail', 'fail'],
  )
  assert.match(found[0]?.text ?? '', /prove\.key can be read by others: chmod 600/)
  assert.equal((await checkDataFolder(join(folder, 'none'), store))[0]?.state, 'ok')
})

test('a store is read, and one that is none is found', async () => {
  const path = join(folder, 'store', 'portcullis.db')
  assert.match((await checkStore({ data: { kind: 'sqlite', path }, baseFolder: folder })).text, /not there yet/)
  const opened = await openSqliteStore({ path })
  opened.close()
  assert.equal((await checkStore({ data: { kind: 'sqlite', path }, baseFolder: folder })).state, 'ok')
  writeFileSync(path, 'this is no database, and long enough to be looked at'.repeat(40))
  assert.equal((await checkStore({ data: { kind: 'sqlite', path }, baseFolder: folder })).state, 'fail')
})

test('a virus scanner that gives no verdict is found', async () => {
  const settings = { clamd: `unix:${join(folder, 'none.ctl')}`, onFailure: 'refuse', timeout: 1000, connections: 1 }
  const [down] = await checkAntivirus({ blocks: { antivirus: settings } })
  assert.equal(down?.state, 'fail')
  assert.match(down.text, /none\.ctl: ENOENT; uploads are refused \(503\)\. Is clamd running/)
  const clamd = await startFakeClamd((socket) => socket.end('stream: OK\0'))
  try {
    const up = await checkAntivirus({ blocks: { antivirus: { ...settings, clamd: clamd.address } } })
    assert.deepEqual(up, [{ name: 'antivirus', state: 'ok', text: `${clamd.address} judges files` }])
  } finally {
    await clamd.close()
  }
  assert.deepEqual(await checkAntivirus({ blocks: {} }), [])
})

test('an old Node and a clock that is behind are found', () => {
  for (const version of ['20.1.0', '24.6.9']) assert.equal(checkNode(version).state, 'fail')
  for (const version of ['24.7.0', '26.0.0']) assert.equal(checkNode(version).state, 'ok')
  assert.equal(checkClock(Date.parse('1970-01-01'), Date.parse('2026-01-01')).state, 'fail')
  assert.equal(checkClock(Date.parse('2026-01-02'), Date.parse('2026-01-01')).state, 'ok')
})

test('the advice never goes below the minimum', () => {
  const minimum = { algorithm: 'argon2id', memoryKiB: 19_456, passes: 2, lanes: 1 } as const
  const slow = checkPasswords({ parameters: minimum, takesMs: 900, minimumTakesMs: 900 }, 250, minimum)
  assert.equal(slow.state, 'warn')
  const more = { ...minimum, memoryKiB: 65_536, passes: 5 }
  const advice = checkPasswords({ parameters: more, takesMs: 240, minimumTakesMs: 30 }, 250, minimum)
  assert.match(advice.text, /about 30 ms; for 250ms, write passwords: \{ argon2id: \{ memory: 64MiB, passes: 5 \} \}/)
  assert.equal(
    checkPasswords({ parameters: more, takesMs: 240, minimumTakesMs: 30 }, 250, { algorithm: 'bcrypt', cost: 12 })
      .state,
    'warn',
  )
})
