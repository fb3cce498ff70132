import { MessagePort, Worker } from 'node:worker_threads'
import type { MetricJson } from '../observe/metrics.ts'
import type { FromWorker, ToWorker } from './messages.ts'
import type { OpenedListener, Revision } from './serving.ts'
import type { StoreCall, StoreOutcome } from './store-calls.ts'

// Sources run as they are in development; the published package holds their JavaScript.
const entry = new URL(`./gateway-worker${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`, import.meta.url)

/** A thread that has not compiled a revision by then never will. */
const prepareLimitMs = 60_000
/** A scrape does not wait for a thread that is busy. */
const metricsLimitMs = 2_000
/** A thread that answers none of so many pings in a row is stuck, in an endless loop for example. */
const pingEveryMs = 5_000
const maxMissedPings = 4
/** How much longer than its drain time a thread may take to end. */
const stopMarginMs = 2_000

export interface GatewayThreadEvents {
  onKeyUses(batch: unknown): void
  /** A store is called, which only the main thread may write. Resolves always. */
  onStoreCall(call: StoreCall): Promise<StoreOutcome>
  /** What it counted, before it ends. */
  onLastMetrics(metrics: MetricJson[]): void
  /** The thread is gone without having been asked to stop. */
  onCrash(error: unknown): void
}

interface Waiting {
  readonly resolve: (value: never) => void
  readonly reject: (error: Error) => void
  readonly timer: NodeJS.Timeout
}

/** The main thread's side of one gateway thread. */
export class GatewayThread {
  readonly #worker: Worker
  readonly #events: GatewayThreadEvents
  readonly #waiting = new Map<number, Waiting>()
  readonly #pings: NodeJS.Timeout
  readonly #exited: Promise<void>
  #missedPings = 0
  #preparing = 0
  #nextId = 1
  #stopping = false
  #gone = false
  #lastError: unknown = null

  constructor(workerData: unknown, events: GatewayThreadEvents) {
    this.#events = events
    this.#worker = new Worker(entry, { workerData, transferList: portsIn(workerData) })
    this.#worker.on('message', (message: FromWorker) => this.#receive(message))
    this.#worker.on('error', (error) => {
      this.#lastError = error
    })
    this.#exited = new Promise((resolve) => {
      this.#worker.on('exit', (code) => {
        this.#takeExit(code)
        resolve()
      })
    })
    this.#pings = setInterval(() => this.#ping(), pingEveryMs).unref()
  }

  /** A thread that does not answer is ended. */
  async prepare(revision: Revision): Promise<readonly OpenedListener[]> {
    this.#preparing++
    try {
      return await this.#ask(
        (id) => ({ type: 'prepare', id, revision }),
        prepareLimitMs,
        () => this.#kill(`it has not prepared a revision within ${prepareLimitMs} ms`),
      )
    } finally {
      this.#preparing--
    }
  }

  metrics(): Promise<MetricJson[]> {
    return this.#ask((id) => ({ type: 'metrics', id }), metricsLimitMs)
  }

  tell(message: ToWorker): void {
    if (!this.#gone) this.#worker.postMessage(message)
  }

  /** Resolves when the thread has ended; it is cut off some time after its drain time. */
  async stop(drainMs: number): Promise<void> {
    if (!this.#stopping && !this.#gone) {
      this.tell({ type: 'stop', drainMs })
      const cut = setTimeout(() => void this.#worker.terminate(), drainMs + stopMarginMs)
      void this.#exited.then(() => clearTimeout(cut))
    }
    this.#stopping = true
    await this.#exited
  }

  #ask<T>(toMessage: (id: number) => ToWorker, limitMs: number, onLate?: () => void): Promise<T> {
    if (this.#gone) return Promise.reject(new Error('the gateway thread has ended'))
    const id = this.#nextId++
    return new Promise<T>((resolve, reject) => {
      this.#worker.postMessage(toMessage(id))
      const timer = setTimeout(() => {
        this.#waiting.delete(id)
        reject(new Error(`a gateway thread did not answer within ${limitMs} ms`))
        onLate?.()
      }, limitMs)
      this.#waiting.set(id, { resolve, reject, timer })
    })
  }

  #receive(message: FromWorker): void {
    switch (message.type) {
      case 'prepared':
        this.#take(message.id)?.resolve(message.listeners as never)
        return
      case 'failed':
        this.#take(message.id)?.reject(new Error(message.message))
        return
      case 'metrics':
        this.#take(message.id)?.resolve(message.data as never)
        return
      case 'last-metrics':
        this.#events.onLastMetrics(message.data)
        return
      case 'pong':
        this.#missedPings = 0
        return
      case 'key-uses':
        this.#events.onKeyUses(message.batch)
        return
      case 'store-call':
        void this.#answer(message.id, message.call)
        return
    }
  }

  async #answer(id: number, call: StoreCall): Promise<void> {
    this.tell({ type: 'store-outcome', id, outcome: await this.#events.onStoreCall(call) })
  }

  #take(id: number): Waiting | undefined {
    const waiting = this.#waiting.get(id)
    this.#waiting.delete(id)
    clearTimeout(waiting?.timer)
    return waiting
  }

  /** Counts turns of this thread, not time: a machine that was asleep has missed one only. */
  #ping(): void {
    // Compiling a large revision may take long; it has a limit of its own.
    if (this.#preparing > 0) return
    if (this.#missedPings >= maxMissedPings) this.#kill(`it has not answered ${maxMissedPings} pings`)
    this.#missedPings++
    this.tell({ type: 'ping' })
  }

  #kill(reason: string): void {
    this.#lastError ??= new Error(`the thread was ended: ${reason}`)
    void this.#worker.terminate()
  }

  #takeExit(code: number): void {
    this.#gone = true
    clearInterval(this.#pings)
    const error = this.#lastError ?? new Error(`the thread ended with ${code}`)
    for (const id of [...this.#waiting.keys()]) {
      this.#take(id)?.reject(new Error(`a gateway thread ended: ${String(error)}`))
    }
    if (!this.#stopping) this.#events.onCrash(error)
  }
}

/** Ports are handed over, not copied. */
function portsIn(workerData: unknown): MessagePort[] {
  return Object.values(workerData ?? {}).filter((value) => value instanceof MessagePort)
}
