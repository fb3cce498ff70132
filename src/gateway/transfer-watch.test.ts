import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Transfer, TransferWatch, type Waiting } from './transfer-watch.ts'

/** A transfer that moves as the test says, and the second in which it was ended. */
function createTransfer(waiting: Waiting, bytesAt: (second: number) => number) {
  const transfer: Transfer & { second: number; endedAt: number | null } = {
    second: 0,
    endedAt: null,
    progress: () => bytesAt(transfer.second),
    waitsFor: () => waiting,
    onSlow: () => {
      transfer.endedAt = transfer.second
    },
  }
  return transfer
}

function endOf(waiting: Waiting, bytesAt: (second: number) => number, seconds = 200): number | null {
  const watch = new TransferWatch({ minBytesPerSecond: 1_000, idleTimeoutMs: 60_000 })
  const transfer = createTransfer(waiting, bytesAt)
  watch.add(transfer, 0)
  for (let second = 1; second <= seconds && transfer.endedAt === null; second++) {
    transfer.second = second
    watch.sweep(second * 1_000)
  }
  assert.equal(watch.size, transfer.endedAt === null ? 1 : 0)
  watch.stop()
  return transfer.endedAt
}

test('a sender below the rate is ended after ten seconds, whatever it sent before', () => {
  assert.equal(
    endOf('sender', (second) => second * 999),
    10,
  )
  assert.equal(
    endOf('sender', () => 0),
    10,
  )
  assert.equal(
    endOf('sender', (second) => (second < 15 ? second * 5_000 : 75_000 + second)),
    30,
  )
  assert.equal(
    endOf('sender', (second) => second * 1_000),
    null,
  )
})

test('a reader that moves in large steps is judged by its steps, and ended when one never comes', () => {
  assert.equal(
    endOf('reader', (second) => Math.floor(second / 30) * 40_000),
    null,
  )
  assert.equal(
    endOf('reader', (second) => Math.floor(second / 30) * 20_000),
    30,
  )
  assert.equal(
    endOf('reader', () => 0),
    60,
  )
  assert.equal(
    endOf('reader', (second) => Math.min(second, 5) * 100_000),
    65,
  )
})

test('the clock stands still while somebody else is waited for', () => {
  assert.equal(
    endOf('nobody', () => 0),
    null,
  )
})

test('what answers may hold shrinks when much is held, and nothing is read whole above the budget', () => {
  const watch = new TransferWatch({ minBytesPerSecond: 1_000, idleTimeoutMs: 60_000 })
  const roomy = watch.answerBufferBytes
  watch.hold(200 * 1024 * 1024)
  assert.ok(watch.answerBufferBytes < roomy)
  assert.ok(watch.hasRoom(1024))
  assert.ok(!watch.hasRoom(100 * 1024 * 1024))
  watch.release(200 * 1024 * 1024)
  assert.equal(watch.answerBufferBytes, roomy)
  assert.equal(watch.heldBytes, 0)
  watch.stop()
})
