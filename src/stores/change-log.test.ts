import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, renameSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { Worker } from 'node:worker_threads'
import { newKey } from '../../test/contracts/key-store.ts'
import { createEpochBuffer, openChangeEpoch, openEpochWriter, staleAfterMs } from './change-epoch.ts'
import { createChangeLogPoller } from './change-log-poller.ts'
import { openSqliteReader } from './sqlite/sqlite-reader.ts'
import { openSqliteStore } from './sqlite/sqlite-store.ts'

const folder = mkdtempSync(join(tmpdir(), 'portcullis-changes-'))
const opened: (() => unknown)[] = []

after(async () => {
  for (const close of opened) await close()
  rmSync(folder, { recursive: true })
})

test('nothing cached may be used before the log was read for the first time', () => {
  const buffer = createEpochBuffer()
  const epoch = openChangeEpoch(buffer)
  assert.equal(epoch.readable(), false)
  openEpochWriter(buffer).touch()
  assert.equal(epoch.readable(), true)
  assert.equal(epoch.current(), 0)
})

test('the epoch moves when the position does, and only then', async () => {
  const epoch = openEpochWriter(createEpochBuffer())
  let position = 'a'
  const poller = createChangeLogPoller({
    store: { position: () => position },
    epoch,
    intervalMs: 60_000,
    onFailure: assert.ifError,
  })
  opened.push(() => poller.stop())
  await poller.poll()
  const before = epoch.current()
  await poller.poll()
  assert.equal(epoch.current(), before)
  position = 'b'
  await poller.poll()
  assert.equal(epoch.current(), before + 1)
  position = 'a'
  await poller.poll()
  assert.equal(epoch.current(), before + 2)
})

test('a log that cannot be read is reported once as failing, once as refusing, and once as recovered', async (t) => {
  let clock = process.hrtime()
  t.mock.method(process, 'hrtime', () => clock)
  const epoch = openEpochWriter(createEpochBuffer())
  const events: string[] = []
  let broken = false
  const poller = createChangeLogPoller({
    store: {
      position() {
        if (broken) throw new Error('out of order')
        return 'a'
      },
    },
    epoch,
    intervalMs: 60_000,
    onFailure: (error, state) => events.push(`${state}: ${(error as Error).message}`),
    onRecovery: () => events.push('recovered'),
  })
  opened.push(() => poller.stop())
  assert.equal(poller.ageMs, Number.POSITIVE_INFINITY)
  await poller.poll()
  assert.ok(poller.ageMs < 1_000)
  broken = true
  await poller.poll()
  await poller.poll()
  assert.deepEqual(events, ['failing: out of order'])
  assert.equal(epoch.readable(), true)
  assert.equal(poller.failing, true)
  clock = [clock[0] + staleAfterMs / 1000, clock[1]]
  assert.equal(epoch.readable(), false)
  await poller.poll()
  await poller.poll()
  assert.deepEqual(events, ['failing: out of order', 'refusing: out of order'])
  broken = false
  await poller.poll()
  assert.equal(epoch.readable(), true)
  assert.equal(poller.failing, false)
  assert.deepEqual(events.at(-1), 'recovered')
})

test('a main thread that hangs counts as a log that cannot be read', (t) => {
  const buffer = createEpochBuffer()
  openEpochWriter(buffer).touch()
  const worker = openChangeEpoch(buffer)
  const [seconds, nanoseconds] = process.hrtime()
  let later = 9
  t.mock.method(process, 'hrtime', () => [seconds + Math.floor(later), nanoseconds] as [number, number])
  assert.equal(worker.readable(), true)
  later = 10
  assert.equal(worker.readable(), false)
  // 32 bits of tenths of a second are 13 years of uptime, half of them told apart.
  later = 6 * 365 * 86_400
  assert.equal(worker.readable(), false)
})

test('a revocation by another process is seen by another thread within a second', { timeout: 30_000 }, async (t) => {
  const path = join(folder, 'revocation.db')
  const store = await openSqliteStore({ path })
  opened.push(() => store.close())
  const key = newKey()
  await store.keys.create(key)
  const buffer = createEpochBuffer()
  const reader = openSqliteReader({ path })
  const poller = createChangeLogPoller({
    store: reader.changes,
    epoch: openEpochWriter(buffer),
    onFailure: assert.ifError,
  })
  opened.push(() => poller.stop())
  await poller.poll()
  const worker = new Worker(
    `
    import { parentPort, workerData } from 'node:worker_threads'
    const { openChangeEpoch } = await import(workerData.epoch)
    const { openSqliteReader } = await import(workerData.reader)
    const epoch = openChangeEpoch(workerData.buffer)
    const reader = openSqliteReader({ path: workerData.path })
    const cached = { epoch: epoch.current(), key: reader.keys.find(workerData.id) }
    parentPort.postMessage({ kind: 'cached', revokedAt: cached.key.revokedAt })
    while (epoch.current() === cached.epoch) await new Promise((done) => setTimeout(done, 5))
    parentPort.postMessage({ kind: 'changed', revokedAt: reader.keys.find(workerData.id).revokedAt, at: Date.now() })
    `,
    {
      eval: true,
      workerData: {
        buffer,
        path,
        id: key.id,
        epoch: new URL('./change-epoch.ts', import.meta.url).href,
        reader: new URL('./sqlite/sqlite-reader.ts', import.meta.url).href,
      },
    },
  )
  opened.push(() => worker.terminate())
  const [cached] = await once(worker, 'message')
  assert.deepEqual(cached, { kind: 'cached', revokedAt: null })
  const changed = once(worker, 'message')
  // Another process, which is done before this thread goes on: the time starts when the revocation is confirmed.
  const revoke = spawnSync(process.execPath, [
    '--input-type=module',
    '-e',
    `import { openSqliteStore } from ${JSON.stringify(new URL('./sqlite/sqlite-store.ts', import.meta.url).href)}
     const store = await openSqliteStore({ path: ${JSON.stringify(path)} })
     console.log(await store.keys.revoke('${key.id}', 77))`,
  ])
  assert.equal(revoke.stdout.toString().trim(), 'revoked', revoke.stderr.toString())
  const revokedAt = Date.now()
  const [message] = await changed
  assert.equal(message.revokedAt, 77)
  const delayMs = message.at - revokedAt
  t.diagnostic(`seen after ${delayMs} ms`)
  assert.ok(delayMs < 1000, `seen after ${delayMs} ms`)
})

test('the poller follows the file that stands under the path', async () => {
  const path = join(folder, 'moved.db')
  const store = await openSqliteStore({ path })
  store.close()
  const reader = openSqliteReader({ path, retryAfterMs: 0 })
  opened.push(() => reader.close())
  const epoch = openEpochWriter(createEpochBuffer())
  const failures: string[] = []
  const poller = createChangeLogPoller({
    store: reader.changes,
    epoch,
    intervalMs: 60_000,
    onFailure: (error) => failures.push((error as Error).message),
  })
  opened.push(() => poller.stop())
  await poller.poll()
  renameSync(path, `${path}.away`)
  await sleep(120)
  await poller.poll()
  assert.match(failures[0] ?? '', /missing/)
  const known = epoch.current()
  const other = await openSqliteStore({ path })
  opened.push(() => other.close())
  await poller.poll()
  assert.equal(poller.failing, false)
  assert.equal(epoch.current(), known + 1)
})
