import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { testSnapshot } from '../../test/support/snapshot.ts'
import type { GatewayThreadEvents } from './gateway-thread.ts'
import type { ToWorker } from './messages.ts'
import type { OpenedListener, Revision } from './serving.ts'
import { type SupervisedThread, Supervisor } from './supervisor.ts'

const linux = process.platform === 'linux'

/** A thread of which the test decides how it fares. */
class FakeThread implements SupervisedThread {
  readonly told: ToWorker[] = []
  readonly revisions: Revision[] = []
  readonly events: GatewayThreadEvents
  stopped = false

  constructor(events: GatewayThreadEvents) {
    this.events = events
  }

  async prepare(revision: Revision): Promise<readonly OpenedListener[]> {
    this.revisions.push(revision)
    await sleep(1)
    const problem = plan.shift()
    if (problem === 'crash') {
      this.events.onCrash(new Error('crashed while preparing'))
      throw new Error('crashed while preparing')
    }
    if (problem === 'fail') throw new Error('cannot be prepared')
    return [{ name: 'https', url: 'https://localhost:4443', port: revision.ports.https ?? 4443 }]
  }

  async metrics(): Promise<unknown> {
    return 'metrics'
  }

  tell(message: ToWorker): void {
    this.told.push(message)
  }

  async stop(): Promise<void> {
    this.stopped = true
  }

  get commits(): number {
    return this.told.filter(({ type }) => type === 'commit').length
  }
}

/** What becomes of the next preparations, in order; fine where nothing is said. */
let plan: ('fine' | 'fail' | 'crash')[] = []

function supervise() {
  plan = []
  const threads: FakeThread[] = []
  const events: string[] = []
  const note = (event: string) => void events.push(event)
  const supervisor = new Supervisor({
    log: { info: note, warn: note, error: note },
    workerData: (index) => index,
    onKeyUses: () => {},
    startThread: (_data, threadEvents) => {
      const thread = new FakeThread(threadEvents)
      threads.push(thread)
      return thread
    },
  })
  return { supervisor, threads, events }
}

const snapshotFor = (workers: number, revision = 'a') => {
  const base = testSnapshot({ revision })
  return { ...base, server: { ...base.server, workers } }
}

test('all threads prepare before any switches, and share the port that the first one found', {
  skip: !linux,
}, async () => {
  const { supervisor, threads } = supervise()
  await supervisor.apply(snapshotFor(3), [])
  assert.deepEqual(
    threads.map(({ revisions }) => revisions[0]?.ports),
    [{}, { https: 4443 }, { https: 4443 }],
  )
  assert.ok(threads.every(({ commits }) => commits === 1))
  assert.equal(supervisor.threadCount, 3)
  plan = ['fine', 'fail']
  await assert.rejects(supervisor.apply(snapshotFor(3, 'b'), []), /cannot be prepared/)
  assert.ok(threads.every(({ commits, told }) => commits === 1 && told.at(-1)?.type === 'discard'))
  await supervisor.apply(snapshotFor(2, 'c'), [])
  assert.deepEqual(
    threads.map(({ stopped }) => stopped),
    [false, false, true],
  )
  assert.equal(supervisor.threadCount, 2)
  await supervisor.stop(0)
  assert.ok(threads.every(({ stopped }) => stopped))
})

test('a first start that fails leaves no thread, and none comes back', async () => {
  for (const problem of ['fail', 'crash'] as const) {
    const { supervisor, threads } = supervise()
    plan = [problem]
    await assert.rejects(supervisor.apply(snapshotFor(1), []))
    await sleep(30)
    assert.equal(threads.length, 1)
    assert.equal(supervisor.threadCount, 0)
    assert.deepEqual(supervisor.listeners, [])
  }
})

test('a thread that crashes is replaced at once, later and later where it does not last', async () => {
  const { supervisor, threads, events } = supervise()
  await supervisor.apply(snapshotFor(1), [])
  threads[0]?.events.onCrash(new Error('a bug'))
  assert.equal(supervisor.threadCount, 0)
  await sleep(20)
  assert.equal(threads.length, 2)
  assert.equal(threads[1]?.commits, 1)
  assert.equal(threads[1]?.revisions[0]?.ports.https, 4443)
  assert.ok(events.includes('gateway_thread_replaced'))
  threads[1]?.events.onCrash(new Error('a bug'))
  await sleep(50)
  assert.equal(threads.length, 2, 'it waits')
  await sleep(100)
  assert.equal(threads.length, 3)
  // An old thread that is reported a second time changes nothing.
  threads[0]?.events.onCrash(new Error('a bug'))
  assert.equal(supervisor.threadCount, 1)
  assert.equal(supervisor.crashes, 2)
  await supervisor.stop(0)
})

test('a replacement that lives but cannot serve is ended and tried again', async () => {
  const { supervisor, threads } = supervise()
  await supervisor.apply(snapshotFor(1), [])
  plan = ['fail', 'crash', 'fine']
  threads[0]?.events.onCrash(new Error('a bug'))
  await sleep(450)
  assert.equal(threads.length, 4)
  assert.equal(threads[1]?.stopped, true)
  assert.equal(threads[3]?.commits, 1)
  assert.equal(supervisor.threadCount, 1)
  await supervisor.stop(0)
})

test('a reload brings a thread that was waiting for its restart, once', { skip: !linux }, async () => {
  const { supervisor, threads } = supervise()
  await supervisor.apply(snapshotFor(2), [])
  threads[1]?.events.onCrash(new Error('a bug'))
  await supervisor.apply(snapshotFor(2, 'b'), [])
  await sleep(150)
  assert.equal(threads.length, 3)
  assert.equal(threads[2]?.commits, 1)
  // A revision with fewer threads leaves none to be restarted.
  threads[2]?.events.onCrash(new Error('a bug'))
  await supervisor.apply(snapshotFor(1, 'c'), [])
  await sleep(250)
  assert.equal(threads.length, 3)
  await supervisor.stop(0)
})

test('stopping ends everything at once: no thread starts any more, and what is prepared comes to nothing', async () => {
  const { supervisor, threads } = supervise()
  await supervisor.apply(snapshotFor(1), [])
  threads[0]?.events.onCrash(new Error('a bug'))
  const applied = supervisor.apply(snapshotFor(1, 'b'), [])
  const outcome = applied.then(
    () => 'applied',
    (error: Error) => error.message,
  )
  await supervisor.stop(0)
  await outcome
  await sleep(30)
  assert.ok(threads.slice(1).every(({ stopped }) => stopped))
  assert.equal(supervisor.threadCount, 0)
  await assert.rejects(supervisor.apply(snapshotFor(1, 'c'), []), /stopping/)
})
