import { countsOf, EndedCounts } from '../observe/ended-counts.ts'
import type { MetricJson } from '../observe/metrics.ts'

/** A thread that can be asked for its metrics. */
interface MeteredThread {
  metrics(): Promise<MetricJson[]>
}

/**
 * What all threads counted, those that have ended included, so that no counter goes back. A thread reports for the last
 * time when it has stopped, and when an exception ends it. One that is cut off, because it was stuck or out of memory,
 * cannot: what it counted after the last scrape is lost. Nobody has seen that, and it is never more than what one
 * thread counts between two scrapes.
 */
export class ThreadMetrics {
  readonly #ended = new EndedCounts()
  /** What each thread that runs has reported last. */
  readonly #last = new Map<MeteredThread, MetricJson[]>()

  add(thread: MeteredThread): void {
    this.#last.set(thread, [])
  }

  /** Takes what a thread reports without being asked. */
  note(thread: MeteredThread, metrics: MetricJson[]): void {
    if (this.#last.has(thread)) this.#last.set(thread, metrics)
  }

  /** The thread is gone; what it reported last is kept. */
  end(thread: MeteredThread): void {
    this.#ended.add(this.#last.get(thread) ?? [])
    this.#last.delete(thread)
  }

  /** Asks all threads. For one that is too busy to answer, its last counts stand. */
  async collect(): Promise<MetricJson[][]> {
    await Promise.all(
      [...this.#last.keys()].map(async (thread) => {
        const metrics = await thread.metrics().catch(() => countsOf(this.#last.get(thread) ?? []))
        this.note(thread, metrics)
      }),
    )
    // Read at once, when nobody is waited for any more: a thread that has ended meanwhile counts once.
    return [this.#ended.toJson(), ...this.#last.values()].filter((metrics) => metrics.length > 0)
  }
}
