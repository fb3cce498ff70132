import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { createTestExchange } from '../../test/support/exchange.ts'
import { toExposition } from './exposition.ts'
import { createObserver, type Observer } from './observer.ts'
import { observeBlocks } from './options.ts'

function startObserver(t: TestContext, options: object = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'observer-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  const file = join(folder, 'log')
  const observer = createObserver(observeBlocks.log.parse({ to: { file }, ...options }), 'main')
  const events = (path = file) =>
    readFileSync(path, 'utf8')
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line).event as string)
  return { observer, file, events }
}

async function recordOne(observer: Observer): Promise<void> {
  const { exchange } = await createTestExchange()
  observer.record(exchange, { status: 200, bytesSent: 0, aborted: false })
}

test('an exchange is counted and gets a line; events stand beside it, in order', async (t) => {
  const { observer, events } = startObserver(t)
  observer.log.info('started')
  await recordOne(observer)
  observer.log.warn('stopping')
  assert.match(await toExposition([observer.metrics()]), /^portcullis_requests_total\{.*status="200"\} 1$/m)
  await observer.close()
  assert.deepEqual(events(), ['started', 'access', 'stopping'])
})

test('exchanges are counted where they get no line', async (t) => {
  for (const options of [{ access: false }, { level: 'warn' }, { level: 'silent' }]) {
    const { observer, events } = startObserver(t, options)
    await recordOne(observer)
    assert.match(await toExposition([observer.metrics()]), /^portcullis_requests_total\{.*\} 1$/m)
    await observer.close()
    assert.deepEqual(events(), [], JSON.stringify(options))
  }
})

test('what policies count is among the metrics', async (t) => {
  const { observer } = startObserver(t)
  observer.meter.counter('portcullis_test_total', 'A test').add(3)
  assert.match(await toExposition([observer.metrics()]), /^portcullis_test_total 3$/m)
  await observer.close()
})

test('lines that wait, and lines that were lost, are among the metrics', {
  skip: process.platform !== 'linux',
}, async () => {
  const to = { file: '/dev/full', rotateAt: 1e9, keepFiles: 1, keepFor: 3_600_000 }
  const observer = createObserver({ to, level: 'info', access: true, headers: [] }, 'main')
  const read = async (name: string) =>
    Number(new RegExp(`^${name} (\\d+)$`, 'm').exec(await toExposition([observer.metrics()]))?.[1])
  assert.equal(await read('portcullis_log_held_bytes'), 0)
  observer.log.info('waits')
  assert.ok((await read('portcullis_log_held_bytes')) > 0)
  assert.equal(await read('portcullis_log_lines_dropped_total'), 0)
  await observer.close()
  assert.equal(await read('portcullis_log_lines_dropped_total'), 1)
  assert.equal(await read('portcullis_log_held_bytes'), 0)
})

test('the log begins anew when it was set aside', async (t) => {
  const { observer, file, events } = startObserver(t)
  observer.log.info('before')
  renameSync(file, `${file}.1`)
  observer.reopenLog()
  observer.log.info('after')
  await observer.close()
  assert.deepEqual([...events(`${file}.1`), ...events()].sort(), ['after', 'before'])
  assert.ok(events().includes('after'))
})
