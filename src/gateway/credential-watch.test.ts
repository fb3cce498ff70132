import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CredentialWatch, type HeldOpen } from './credential-watch.ts'

interface TestHeld extends HeldOpen {
  asked: number
  ended: number
}

function hold(holds: () => boolean = () => true, startedAt = performance.now()): TestHeld {
  return {
    startedAt,
    asked: 0,
    ended: 0,
    stillHolds() {
      this.asked++
      return Promise.resolve(holds())
    },
    onCredentialEnd() {
      this.ended++
    },
  }
}

const settle = () => new Promise((resolve) => setImmediate(resolve))

test('each ends once, at its time', () => {
  const watch = new CredentialWatch()
  const [early, late, endless, gone] = [hold(), hold(), hold(), hold()]
  watch.add(early, 1_000)
  watch.add(late, 2_000)
  watch.add(endless, null)
  watch.add(gone, 1_000)
  watch.remove(gone)
  for (const now of [999, 1_000, 1_001]) watch.sweep(now)
  assert.deepEqual([early.ended, late.ended, endless.ended, gone.ended], [1, 0, 0, 0])
  watch.sweep(2_000)
  assert.deepEqual([late.ended, watch.size], [1, 1])
  watch.stop()
})

test('after a change all are asked once, some at a time, and those that do not hold end', async () => {
  let epoch = 0
  const watch = new CredentialWatch(() => epoch)
  const all = Array.from({ length: 1_200 }, (_, i) => hold(() => i % 2 === 0))
  for (const one of all) watch.add(one, null)
  watch.sweep(0)
  assert.equal(all.filter(({ asked }) => asked > 0).length, 0)
  epoch++
  const counts: number[] = []
  for (let i = 0; i < 4; i++) {
    watch.sweep(0)
    counts.push(all.filter(({ asked }) => asked > 0).length)
    await settle()
  }
  assert.deepEqual(counts, [250, 500, 750, 1_000])
  watch.sweep(0)
  await settle()
  assert.ok(all.every(({ asked, ended }, i) => asked === 1 && ended === i % 2))
  assert.equal(watch.size, 600)
  watch.stop()
})

test('a store that is slow is not asked for more at once', async () => {
  let epoch = 0
  const watch = new CredentialWatch(() => epoch)
  const answers: (() => void)[] = []
  const asked: HeldOpen = {
    ...hold(),
    stillHolds: () => new Promise((resolve) => answers.push(() => resolve(true))),
  }
  for (let i = 0; i < 600; i++) watch.add({ ...asked }, null)
  epoch++
  for (let i = 0; i < 5; i++) watch.sweep(0)
  assert.equal(answers.length, 250)
  for (const answer of answers.splice(0, 100)) answer()
  await settle()
  watch.sweep(0)
  assert.equal(answers.length, 250)
  assert.equal(watch.size, 600)
  watch.stop()
})

test('what is open is asked when it is told to', async () => {
  const watch = new CredentialWatch()
  const held = hold(() => false)
  watch.add(held, null)
  watch.askAll()
  watch.sweep(0)
  await settle()
  assert.equal(held.ended, 1)
  watch.stop()
})

test('an answer that began before the change and came after it is asked too', async () => {
  let epoch = 0
  const watch = new CredentialWatch(() => epoch)
  const slow = hold(() => false)
  epoch++
  watch.sweep(0)
  const later = hold(() => false, performance.now() + 1)
  watch.add(slow, null)
  watch.add(later, null)
  watch.sweep(0)
  await settle()
  assert.deepEqual([slow.ended, later.ended], [1, 0])
  watch.stop()
})

test('what may end elsewhere is asked from time to time', async () => {
  const watch = new CredentialWatch()
  let holds = true
  const [often, never] = [hold(() => holds), hold()]
  watch.add(often, null, 1_000)
  watch.add(never, null)
  const start = performance.now()
  const asked: number[] = []
  for (const after of [500, 1_100, 1_200, 2_300]) {
    watch.sweep(0, start + after)
    asked.push(often.asked)
  }
  assert.deepEqual([...asked, never.asked], [0, 1, 1, 2, 0])
  holds = false
  watch.sweep(0, start + 3_400)
  await settle()
  assert.equal(often.ended, 1)
  watch.stop()
})

test('all are asked when what they are judged by has changed', async () => {
  const watch = new CredentialWatch()
  const [good, bad] = [hold(), hold(() => false)]
  for (const one of [good, bad]) watch.add(one, null)
  watch.askAll()
  watch.sweep(0)
  await settle()
  assert.deepEqual([good.ended, bad.ended, watch.size], [0, 1, 1])
  watch.stop()
})
