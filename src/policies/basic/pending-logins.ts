import type { Refusal } from '../../core/decision.ts'
import type { KnownLogin } from './login-cache.ts'

/** Logins of one thread that are being looked at. Each waits for the store and a hash; more are refused. */
const maxPending = 1000

export class PendingLogins {
  readonly #running = new Map<string, Promise<KnownLogin | Refusal>>()

  get size(): number {
    return this.#running.size
  }

  get(key: string): Promise<KnownLogin | Refusal> | undefined {
    return this.#running.get(key)
  }

  /** Null where too many run. `run` never rejects. */
  add(key: string, run: () => Promise<KnownLogin | Refusal>): Promise<KnownLogin | Refusal> | null {
    if (this.#running.size >= maxPending) return null
    const running = run().finally(() => this.#running.delete(key))
    this.#running.set(key, running)
    return running
  }
}
