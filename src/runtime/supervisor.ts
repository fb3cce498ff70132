import type { Snapshot } from '../config/snapshot.ts'
import type { PolicyLog } from '../core/telemetry.ts'
import type { AuthoritySource } from '../crypto/x509/authorities.ts'
import type { CertificatePair } from '../gateway/tls.ts'
import type { MetricJson } from '../observe/metrics.ts'
import { GatewayThread, type GatewayThreadEvents } from './gateway-thread.ts'
import { checkPortFree } from './port-check.ts'
import type { OpenedListener, Revision } from './serving.ts'
import type { AnswerStoreCall } from './store-calls.ts'
import { ThreadMetrics } from './thread-metrics.ts'

/** A thread that does not last waits longer before each further start, up to this. */
const maxRestartDelayMs = 5_000
const firstRestartDelayMs = 100

/** What the supervisor needs of a thread. */
export type SupervisedThread = Pick<GatewayThread, 'prepare' | 'metrics' | 'tell' | 'stop'>

export interface SupervisorOptions {
  readonly log: PolicyLog
  /** What a thread is started with; `index` counts from 0 and is reused by a replacement. */
  readonly workerData: (index: number) => unknown
  readonly onKeyUses: (batch: unknown) => void
  readonly onStoreCall: AnswerStoreCall
  readonly startThread?: (workerData: unknown, events: GatewayThreadEvents) => SupervisedThread
}

/** Keeps the gateway threads running on one revision: starts, replaces and stops them, and switches them together. */
export class Supervisor {
  readonly #options: SupervisorOptions
  readonly #threads = new Map<number, SupervisedThread>()
  /** Those that serve the revision. */
  readonly #serving = new Set<SupervisedThread>()
  readonly #restarts = new Map<number, NodeJS.Timeout>()
  readonly #metrics = new ThreadMetrics()
  /** Starts in a row that did not last, by index. */
  readonly #failures = new Map<number, number>()
  #revision: Revision | null = null
  #listeners: readonly OpenedListener[] = []
  #stopping = false
  #crashes = 0
  #busy: Promise<unknown> = Promise.resolve()

  constructor(options: SupervisorOptions) {
    this.#options = options
  }

  get listeners(): readonly OpenedListener[] {
    return this.#listeners
  }

  /** Threads that serve. */
  get threadCount(): number {
    return this.#serving.size
  }

  get crashes(): number {
    return this.#crashes
  }

  /**
   * Serves a snapshot: at first, or instead of the one that serves. All threads prepare, and switch only when all of
   * them could; otherwise this rejects and everything stays as it was.
   */
  apply(
    snapshot: Snapshot,
    certificates: readonly CertificatePair[],
    clientAuthorities: AuthoritySource | null = null,
  ): Promise<void> {
    return this.#exclusively(() => this.#apply(snapshot, { certificates, clientAuthorities }))
  }

  async #apply(
    snapshot: Snapshot,
    given: Required<Pick<Revision, 'certificates' | 'clientAuthorities'>>,
  ): Promise<void> {
    const before = this.#revision
    if (before !== null) await checkNewPorts(before.snapshot, snapshot)
    const wanted = threadsFor(snapshot, this.#options.log, before === null)
    const reusePort = before?.reusePort ?? process.platform === 'linux'
    let revision: Revision = { snapshot, ...given, ports: before?.ports ?? {}, reusePort }
    let listeners: readonly OpenedListener[] = []
    const added: number[] = []
    try {
      for (let index = 0; index < wanted; index++) {
        if (this.#stopping) throw new Error('the gateway is stopping')
        const present = this.#threads.get(index)
        if (present === undefined) added.push(index)
        listeners = await (present ?? this.#start(index)).prepare(revision)
        // The first thread finds the ports that the others then share.
        revision = { ...revision, ports: toPorts(listeners) }
      }
    } catch (error) {
      for (const thread of this.#threads.values()) thread.tell({ type: 'discard' })
      await Promise.all(added.map((index) => this.#drop(index, 0)))
      throw error
    }
    this.#revision = revision
    this.#listeners = listeners
    for (const [index, thread] of this.#threads) {
      if (index < wanted) this.#switch(thread, revision)
      else void this.#drop(index, snapshot.server.drainMs)
    }
  }

  /** What all threads counted, also those that have ended. */
  metrics(): Promise<MetricJson[][]> {
    return this.#metrics.collect()
  }

  reopenLogs(): void {
    for (const thread of this.#threads.values()) thread.tell({ type: 'reopen-log' })
  }

  /** Does not wait for a revision that is being prepared: it comes to nothing. */
  async stop(drainMs: number): Promise<void> {
    this.#stopping = true
    for (const timer of this.#restarts.values()) clearTimeout(timer)
    this.#restarts.clear()
    await Promise.all([...this.#threads.keys()].map((index) => this.#drop(index, drainMs)))
    await this.#busy
  }

  #switch(thread: SupervisedThread, { ports }: Revision): void {
    thread.tell({ type: 'ports', https: ports.https ?? null })
    thread.tell({ type: 'commit' })
    this.#serving.add(thread)
  }

  #start(index: number): SupervisedThread {
    const startedAt = performance.now()
    const { workerData, onKeyUses, onStoreCall, startThread = startGatewayThread } = this.#options
    const thread = startThread(workerData(index), {
      onKeyUses,
      onStoreCall,
      onLastMetrics: (metrics) => this.#metrics.note(thread, metrics),
      onCrash: (error) => {
        this.#metrics.end(thread)
        this.#takeCrash(index, thread, error, performance.now() - startedAt)
      },
    })
    this.#threads.set(index, thread)
    this.#metrics.add(thread)
    return thread
  }

  #drop(index: number, drainMs: number): Promise<void> {
    const thread = this.#threads.get(index)
    if (thread === undefined) return Promise.resolve()
    this.#threads.delete(index)
    this.#serving.delete(thread)
    // It serves, and counts, until it has drained.
    return thread.stop(drainMs).finally(() => this.#metrics.end(thread))
  }

  #takeCrash(index: number, thread: SupervisedThread, error: unknown, livedMs: number): void {
    if (this.#stopping || this.#threads.get(index) !== thread) return
    this.#threads.delete(index)
    this.#serving.delete(thread)
    this.#crashes++
    this.#options.log.error('gateway_thread_crashed', { thread: index, error })
    if (livedMs > maxRestartDelayMs) this.#failures.delete(index)
    // At the first start there is nothing to go back to: `apply` rejects.
    if (this.#revision !== null) this.#planRestart(index)
  }

  #planRestart(index: number): void {
    if (this.#stopping) return
    const failures = this.#failures.get(index) ?? 0
    this.#failures.set(index, failures + 1)
    const delayMs = failures === 0 ? 0 : Math.min(maxRestartDelayMs, firstRestartDelayMs * 2 ** (failures - 1))
    clearTimeout(this.#restarts.get(index))
    const timer = setTimeout(() => {
      this.#restarts.delete(index)
      void this.#exclusively(() => this.#restart(index))
    }, delayMs)
    this.#restarts.set(index, timer)
  }

  async #restart(index: number): Promise<void> {
    const revision = this.#revision
    if (this.#stopping || revision === null || this.#threads.has(index)) return
    if (index >= threadsFor(revision.snapshot, this.#options.log, false)) return
    const thread = this.#start(index)
    try {
      await thread.prepare(revision)
      this.#switch(thread, revision)
      this.#options.log.info('gateway_thread_replaced', { thread: index })
    } catch (error) {
      this.#options.log.error('gateway_thread_not_replaced', { thread: index, error })
      // One that has crashed is seen to already; one that lives and cannot serve is tried again from the start.
      if (this.#threads.get(index) !== thread) return
      await this.#drop(index, 0)
      this.#planRestart(index)
    }
  }

  /** Applying and replacing never overlap. */
  #exclusively<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#busy.then(work, work)
    this.#busy = result.catch(() => {})
    return result
  }
}

function startGatewayThread(workerData: unknown, events: GatewayThreadEvents): SupervisedThread {
  return new GatewayThread(workerData, events)
}

function toPorts(listeners: readonly OpenedListener[]): Revision['ports'] {
  return Object.fromEntries(listeners.map(({ name, port }) => [name, port]))
}

/** Ports that a reload adds; those that are ours already are shared between the old and the new listener. */
async function checkNewPorts(before: Snapshot, after: Snapshot): Promise<void> {
  const ours = new Set([before.listen.https?.port, before.listen.http?.port])
  for (const listener of [after.listen.https, after.listen.http]) {
    if (listener !== null && !ours.has(listener.port)) await checkPortFree(listener.host, listener.port)
  }
}

function threadsFor(snapshot: Snapshot, log: PolicyLog, first: boolean): number {
  const { workers } = snapshot.server
  if (workers === 1 || process.platform === 'linux') return workers
  if (first) log.warn('one_worker', { reason: `${process.platform} cannot share a port between threads`, workers })
  return 1
}
