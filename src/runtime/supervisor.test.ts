import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { testSnapshot } from '../../test/support/snapshot.ts'
import { type MetricJson, Metrics } from '../observe/metrics.ts'
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
  requests = 0
  busy = false
  /** What it waits for before it ends. */
  drained: Promise<void> = Promise.resolve()

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

  async metrics(): Promise<MetricJson[]> {
    if (this.busy) throw new Error('it did not answer')
    return counted(this.requests)
  }

  tell(message: ToWorker): void {
    this.told.push(message)
  }

  async stop(): Promise<void> {
    this.stopped = true
    await this.drained
    this.events.onLastMetrics(counted(this.requests))
  }

  get commits(): number {
    return this.told.filter(({ type }) => type === 'commit').length
  }
}

function counted(requests: number): MetricJson[] {
  const metrics = new Metrics()
  metrics.counter('requests', 'a test').add(requests)
  metrics.gauge('open', 'a test', () => 1)
  return metrics.toJson()
}

/** What all threads counted, and how many of them say how they are. */
async function totals(supervisor: Supervisor): Promise<{ requests: number; open: number }> {
  const all = (await supervisor.metrics()).flat()
  const sum = (name: string) =>
    all.filter((metric) => metric.name === name).reduce((total, { values }) => total + (values[0]?.value ?? 0), 0)
  return { requests: sum('requests'), open: sum('open') }
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
    onStoreCall: async () => ({ ok: true, value: null }),
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

test('no counter goes back when a thread crashes, is too busy to answer, or is stopped', { skip: !linux }, async () => {
  const { supervisor, threads } = supervise()
  await supervisor.apply(snapshotFor(2), [])
  const [first, second] = threads as [FakeThread, FakeThread]
  first.requests = 10
  second.requests = 5
  assert.deepEqual(await totals(supervisor), { requests: 15, open: 2 })
  // What it counts after the last scrape is lost with it, and nobody has seen that.
  first.requests = 12
  first.events.onCrash(new Error('a bug'))
  first.events.onCrash(new Error('told twice'))
  await sleep(20)
  assert.deepEqual(await totals(supervisor), { requests: 15, open: 2 })
  second.busy = true
  second.requests = 6
  assert.deepEqual(await totals(supervisor), { requests: 15, open: 1 })
  second.busy = false
  // A thread that a reload takes away counts until it has drained.
  const draining = Promise.withResolvers<void>()
  second.drained = draining.promise
  await supervisor.apply(snapshotFor(1, 'b'), [])
  second.requests = 8
  assert.deepEqual(await totals(supervisor), { requests: 18, open: 2 })
  second.requests = 9
  draining.resolve()
  await sleep(1)
  assert.deepEqual(await totals(supervisor), { requests: 19, open: 1 })
  const replacement = threads.at(-1) as FakeThread
  replacement.requests = 1
  assert.deepEqual(await totals(supervisor), { requests: 20, open: 1 })
  await supervisor.stop(0)
})

test('a thread that ends while it is asked counts once', async () => {
  const { supervisor, threads } = supervise()
  await supervisor.apply(snapshotFor(1), [])
  const [thread] = threads as [FakeThread]
  thread.requests = 10
  await totals(supervisor)
  const asked = totals(supervisor)
  thread.events.onCrash(new Error('a bug'))
  assert.equal((await asked).requests, 10)
  assert.equal((await totals(supervisor)).requests, 10)
  await supervisor.stop(0)
})

test('what a thread reports while an exception ends it is kept to the last', async () => {
  const { supervisor, threads } = supervise()
  await supervisor.apply(snapshotFor(1), [])
  const [thread] = threads as [FakeThread]
  thread.events.onLastMetrics(counted(7))
  thread.events.onCrash(new Error('a bug'))
  assert.equal((await totals(supervisor)).requests, 7)
  await supervisor.stop(0)
})
