import { availableParallelism } from 'node:os'
import { Worker } from 'node:worker_threads'
import type { JobAnswer } from './hash-thread.ts'
import type { Job, JobResult } from './job.ts'
import { PasswordError } from './password-error.ts'

// Sources run as they are in development; the published package holds their JavaScript.
const entry = new URL(`./hash-thread${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`, import.meta.url)

export interface HashPoolOptions {
  /** Default: one less than the machine has cores, so that one is left for requests; at least one. */
  readonly threads?: number
  /** How many may wait for a thread. Default 100. */
  readonly maxWaiting?: number
}

interface Task {
  readonly job: Job
  readonly resolve: (result: JobResult) => void
  readonly reject: (error: unknown) => void
}

/**
 * Threads that hash passwords and do nothing else, so that a flood of log-ins takes neither the event loop nor libuv's
 * pool from requests. They start when they are first needed, and keep the process alive only while they work.
 */
export class HashPool {
  readonly #threads: number
  readonly #maxWaiting: number
  readonly #idle: Worker[] = []
  readonly #busy = new Map<Worker, Task>()
  #waiting: Task[] = []
  #closed = false

  constructor(options: HashPoolOptions = {}) {
    this.#threads = options.threads ?? Math.max(1, availableParallelism() - 1)
    this.#maxWaiting = options.maxWaiting ?? 100
  }

  /** How many wait for a thread, for a gauge. */
  get waiting(): number {
    return this.#waiting.length
  }

  /** How many are worked on, for a gauge. */
  get running(): number {
    return this.#busy.size
  }

  /** Rejects with a `PasswordError`. What waits is taken back when the signal says so; what runs is forgotten. */
  run(job: Job, signal?: AbortSignal): Promise<JobResult> {
    return new Promise((resolve, reject) => {
      if (this.#closed) throw closed()
      signal?.throwIfAborted()
      const task = { job, resolve, reject }
      const worker = this.#idle.pop() ?? (this.#busy.size < this.#threads ? this.#start() : null)
      if (worker !== null) this.#give(worker, task)
      else if (this.#waiting.length < this.#maxWaiting) this.#waiting.push(task)
      else throw new PasswordError('busy', `more than ${this.#maxWaiting} passwords wait to be hashed: try again later`)
      signal?.addEventListener('abort', () => this.#cancel(task, signal.reason), { once: true })
    })
  }

  /** Ends the threads; what waits or runs is rejected. */
  async close(): Promise<void> {
    this.#closed = true
    for (const { reject } of [...this.#waiting.splice(0), ...this.#busy.values()]) reject(closed())
    const workers = [...this.#idle.splice(0), ...this.#busy.keys()]
    this.#busy.clear()
    await Promise.all(workers.map((worker) => worker.terminate()))
  }

  #start(): Worker {
    // What this program was started with is not for it: `--input-type`, say, would keep it from starting.
    const worker = new Worker(entry, { execArgv: [] })
    worker.on('message', (answer: JobAnswer) => this.#take(worker, answer))
    worker.on('error', (error) => this.#lose(worker, error))
    worker.on('exit', () => this.#lose(worker, new Error('the thread ended')))
    return worker
  }

  #give(worker: Worker, task: Task): void {
    this.#busy.set(worker, task)
    worker.ref()
    worker.postMessage(task.job)
  }

  #take(worker: Worker, answer: JobAnswer): void {
    const task = this.#busy.get(worker)
    if (task === undefined) return
    if (answer.ok) task.resolve(answer.result)
    else task.reject(new PasswordError(answer.code, answer.message))
    this.#busy.delete(worker)
    const next = this.#waiting.shift()
    if (next !== undefined) {
      this.#give(worker, next)
      return
    }
    worker.unref()
    this.#idle.push(worker)
  }

  #lose(worker: Worker, cause: unknown): void {
    const task = this.#busy.get(worker)
    this.#busy.delete(worker)
    const at = this.#idle.indexOf(worker)
    if (at >= 0) this.#idle.splice(at, 1)
    task?.reject(new PasswordError('failed', 'the thread that hashed the password ended', { cause }))
    if (this.#closed || this.#busy.size >= this.#threads) return
    const next = this.#waiting.shift()
    if (next !== undefined) this.#give(this.#start(), next)
  }

  #cancel(task: Task, reason: unknown): void {
    const at = this.#waiting.indexOf(task)
    if (at >= 0) this.#waiting.splice(at, 1)
    task.reject(reason)
  }
}

function closed(): PasswordError {
  return new PasswordError('closed', 'the password hasher is closed')
}
