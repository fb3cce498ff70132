import type { Snapshot } from '../config/snapshot.ts'
import type { PolicyLog } from '../core/telemetry.ts'
import type { CertificatePair } from '../gateway/tls.ts'
import { GatewayThread } from './gateway-thread.ts'
import type { ListenerName, OpenedListener, Revision } from './serving.ts'

/** A thread that crashes again right after its start waits longer each time, up to this. */
const maxRestartDelayMs = 5_000

export interface SupervisorOptions {
  readonly log: PolicyLog
  /** What a thread is started with; `index` counts from 0 and is reused by a replacement. */
  readonly workerData: (index: number) => unknown
  readonly onKeyUses: (batch: unknown) => void
}

/** Keeps the gateway threads running on one revision: starts, replaces and stops them, and switches them together. */
export class Supervisor {
  readonly #options: SupervisorOptions
  readonly #threads = new Map<number, GatewayThread>()
  readonly #ports: Partial<Record<ListenerName, number>> = {}
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

  get threadCount(): number {
    return this.#threads.size
  }

  get crashes(): number {
    return this.#crashes
  }

  /**
   * Serves a snapshot: at first, or instead of the one that serves. All threads prepare, and switch only when all of
   * them could; otherwise this rejects and everything stays as it was.
   */
  apply(snapshot: Snapshot, certificates: readonly CertificatePair[]): Promise<void> {
    return this.#exclusively(() => this.#apply(snapshot, certificates))
  }

  async #apply(snapshot: Snapshot, certificates: readonly CertificatePair[]): Promise<void> {
    const wanted = threadsFor(snapshot, this.#options.log, this.#revision === null)
    const reusePort = this.#revision?.reusePort ?? process.platform === 'linux'
    const revision: Revision = { snapshot, certificates, ports: this.#ports, reusePort }
    const added: GatewayThread[] = []
    try {
      // The first thread finds the ports that the others then share.
      for (let index = 0; index < wanted; index++) {
        const present = this.#threads.get(index)
        const thread = present ?? this.#start(index)
        if (present === undefined) added.push(thread)
        this.#remember(await thread.prepare(revision))
      }
    } catch (error) {
      for (const thread of this.#threads.values()) thread.tell({ type: 'discard' })
      if (this.#revision === null || added.length > 0) await this.#dropAdded(added)
      throw error
    }
    this.#revision = revision
    for (const [index, thread] of this.#threads) {
      if (index < wanted) this.#switch(thread)
      else {
        this.#threads.delete(index)
        void thread.stop(snapshot.server.drainMs)
      }
    }
  }

  metrics(): Promise<unknown[]> {
    return Promise.all([...this.#threads.values()].map((thread) => thread.metrics().catch(() => null))).then((all) =>
      all.filter((data) => data !== null),
    )
  }

  reopenLogs(): void {
    for (const thread of this.#threads.values()) thread.tell({ type: 'reopen-log' })
  }

  stop(drainMs: number): Promise<void> {
    this.#stopping = true
    return this.#exclusively(async () => {
      await Promise.all([...this.#threads.values()].map((thread) => thread.stop(drainMs)))
      this.#threads.clear()
    })
  }

  #switch(thread: GatewayThread): void {
    thread.tell({ type: 'ports', https: this.#ports.https ?? null })
    thread.tell({ type: 'commit' })
  }

  #start(index: number): GatewayThread {
    const startedAt = performance.now()
    const thread = new GatewayThread(this.#options.workerData(index), {
      onKeyUses: this.#options.onKeyUses,
      onCrash: (error) => this.#replace(index, thread, error, performance.now() - startedAt),
    })
    this.#threads.set(index, thread)
    return thread
  }

  #replace(index: number, thread: GatewayThread, error: unknown, livedMs: number): void {
    if (this.#stopping || this.#threads.get(index) !== thread) return
    this.#threads.delete(index)
    this.#crashes++
    this.#options.log.error('gateway_thread_crashed', { thread: index, error })
    const revision = this.#revision
    if (revision === null) return
    const delayMs = livedMs > maxRestartDelayMs ? 0 : Math.min(maxRestartDelayMs, 100 * 2 ** Math.min(this.#crashes, 6))
    setTimeout(() => void this.#exclusively(() => this.#restart(index)), delayMs)
  }

  async #restart(index: number): Promise<void> {
    if (this.#stopping || this.#revision === null || this.#threads.has(index)) return
    const thread = this.#start(index)
    try {
      await thread.prepare({ ...this.#revision, ports: this.#ports })
      this.#switch(thread)
      this.#options.log.info('gateway_thread_replaced', { thread: index })
    } catch (error) {
      // Its exit, when it comes, starts the next attempt.
      this.#options.log.error('gateway_thread_not_replaced', { thread: index, error })
    }
  }

  #remember(listeners: readonly OpenedListener[]): void {
    this.#listeners = listeners
    for (const { name, port } of listeners) this.#ports[name] = port
  }

  async #dropAdded(added: readonly GatewayThread[]): Promise<void> {
    for (const [index, thread] of this.#threads) if (added.includes(thread)) this.#threads.delete(index)
    await Promise.all(added.map((thread) => thread.stop(0)))
  }

  /** Applying, replacing and stopping never overlap. */
  #exclusively<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#busy.then(work, work)
    this.#busy = result.catch(() => {})
    return result
  }
}

function threadsFor(snapshot: Snapshot, log: PolicyLog, first: boolean): number {
  const { workers } = snapshot.server
  if (workers === 1 || process.platform === 'linux') return workers
  if (first) log.warn('one_worker', { reason: `${process.platform} cannot share a port between threads`, workers })
  return 1
}
