import assert from 'node:assert/strict'
import { test } from 'node:test'
import { GatewayThread } from './gateway-thread.ts'

const pingEveryMs = 5_000

function startThread() {
  const crashes: unknown[] = []
  const crashed = Promise.withResolvers<void>()
  // Without what a thread needs it ends with an error, but not before it has been loaded.
  const thread = new GatewayThread(null, {
    onKeyUses: () => {},
    onStoreCall: async () => ({ ok: true, value: null }),
    onLastMetrics: () => {},
    onCrash: (error) => {
      crashes.push(error)
      crashed.resolve()
    },
  })
  return { thread, crashes, crashed: crashed.promise }
}

test('a thread that answers no ping is ended', async (t) => {
  t.mock.timers.enable({ apis: ['setInterval'] })
  const { thread, crashes, crashed } = startThread()
  // It is still being loaded, so that nobody in it can answer.
  for (let turn = 0; turn < 5; turn++) t.mock.timers.tick(pingEveryMs)
  await crashed
  assert.match(String(crashes[0]), /has not answered 4 pings/)
  await assert.rejects(thread.metrics(), /has ended/)
  await thread.stop(0)
})

test('a thread that prepares is not hurried by pings; its end is told to all who wait', async (t) => {
  t.mock.timers.enable({ apis: ['setInterval'] })
  const { thread, crashes, crashed } = startThread()
  const prepared = assert.rejects(thread.prepare({} as never), /a gateway thread ended/)
  for (let turn = 0; turn < 10; turn++) t.mock.timers.tick(pingEveryMs)
  await prepared
  await crashed
  assert.equal(crashes.length, 1)
  assert.doesNotMatch(String(crashes[0]), /pings/)
  await thread.stop(0)
})

test('what cannot be sent to a thread is refused at once', async () => {
  const { thread } = startThread()
  await assert.rejects(thread.prepare({ snapshot: () => {} } as never), /could not be cloned/)
  await thread.stop(0)
})
