import { Worker } from 'node:worker_threads'
import type { FromWorker, ToWorker } from './messages.ts'
import type { OpenedListener, Revision } from './serving.ts'

// Sources run as they are in development; the published package holds their JavaScript.
const entry = new URL(`./gateway-worker${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`, import.meta.url)

export interface GatewayThreadEvents {
  onKeyUses(batch: unknown): void
  /** The thread is gone without having been asked to stop. */
  onCrash(error: unknown): void
}

/** The main thread's side of one gateway thread. */
export class GatewayThread {
  readonly #worker: Worker
  readonly #waiting = new Map<number, { resolve: (value: never) => void; reject: (error: Error) => void }>()
  #nextId = 1
  #stopping = false
  #gone = false
  #lastError: unknown = null

  constructor(workerData: unknown, events: GatewayThreadEvents) {
    this.#worker = new Worker(entry, { workerData })
    this.#worker.on('message', (message: FromWorker) => this.#receive(message, events))
    this.#worker.on('error', (error) => {
      this.#lastError = error
    })
    this.#worker.on('exit', (code) => {
      this.#gone = true
      const error = this.#lastError ?? new Error(`the thread ended with ${code}`)
      for (const { reject } of this.#waiting.values()) reject(new Error(`a gateway thread ended: ${String(error)}`))
      this.#waiting.clear()
      if (!this.#stopping) events.onCrash(error)
    })
  }

  prepare(revision: Revision): Promise<readonly OpenedListener[]> {
    return this.#ask((id) => ({ type: 'prepare', id, revision }))
  }

  metrics(): Promise<unknown> {
    return this.#ask((id) => ({ type: 'metrics', id }))
  }

  tell(message: ToWorker): void {
    if (!this.#gone) this.#worker.postMessage(message)
  }

  /** Resolves when the thread has ended; it is cut off some time after its drain time. */
  stop(drainMs: number): Promise<void> {
    this.#stopping = true
    if (this.#gone) return Promise.resolve()
    return new Promise((resolve) => {
      const cut = setTimeout(() => void this.#worker.terminate(), drainMs + 2_000)
      this.#worker.once('exit', () => {
        clearTimeout(cut)
        resolve()
      })
      this.tell({ type: 'stop', drainMs })
    })
  }

  #ask<T>(toMessage: (id: number) => ToWorker): Promise<T> {
    if (this.#gone) return Promise.reject(new Error('the gateway thread has ended'))
    const id = this.#nextId++
    return new Promise<T>((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject })
      this.#worker.postMessage(toMessage(id))
    })
  }

  #receive(message: FromWorker, events: GatewayThreadEvents): void {
    switch (message.type) {
      case 'prepared':
        this.#answer(message.id)?.resolve(message.listeners as never)
        return
      case 'failed':
        this.#answer(message.id)?.reject(new Error(message.message))
        return
      case 'metrics':
        this.#answer(message.id)?.resolve(message.data as never)
        return
      case 'key-uses':
        events.onKeyUses(message.batch)
        return
      case 'stopped':
        return
    }
  }

  #answer(id: number) {
    const waiting = this.#waiting.get(id)
    this.#waiting.delete(id)
    return waiting
  }
}
