import type { Call } from './call.ts'

/**
 * The transfers of one target that wait for their clients: long request bodies, and answers whose reader does not keep
 * up. They are counted apart from the pool, so that slowness cannot use it up, and no client may hold more than an
 * eighth of them.
 */
export class SlowTransfers {
  readonly #limit: number
  readonly #share: number
  readonly #admitted = new Set<Call>()
  readonly #perClient = new Map<string, number>()
  /** Paused answers that had no room here: they hold a connection of the pool, as long as nobody else needs it. */
  readonly #excess = new Set<Call>()

  constructor(limit: number) {
    this.#limit = limit
    this.#share = Math.max(1, Math.floor(limit / 8))
  }

  get size(): number {
    return this.#admitted.size
  }

  /** False where the client's share is used up, or all of it. */
  admit(call: Call): boolean {
    const { clientKey } = call.request
    const held = this.#perClient.get(clientKey) ?? 0
    if (held >= this.#share || this.#admitted.size >= this.#limit) return false
    this.#perClient.set(clientKey, held + 1)
    this.#admitted.add(call)
    call.isSlow = true
    return true
  }

  /** Whether the client holds less than its share. */
  hasShare(clientKey: string): boolean {
    return (this.#perClient.get(clientKey) ?? 0) < this.#share
  }

  /** The one that has been still for longest, where that is since before a moment. */
  findStill(before: number): Call | null {
    const slowest = slowestOf(this.#admitted)
    return slowest !== null && slowest.clientMovedAt < before ? slowest : null
  }

  addExcess(call: Call): void {
    this.#excess.add(call)
  }

  /** The call goes on, or has ended. */
  remove(call: Call): void {
    this.#excess.delete(call)
    if (!call.isSlow) return
    call.isSlow = false
    this.#admitted.delete(call)
    const { clientKey } = call.request
    const held = (this.#perClient.get(clientKey) ?? 0) - 1
    if (held > 0) this.#perClient.set(clientKey, held)
    else this.#perClient.delete(clientKey)
    for (const waiting of this.#excess) {
      if (!this.admit(waiting)) continue
      this.#excess.delete(waiting)
      return
    }
  }

  /**
   * The call to end when somebody needs the connection that an excess one holds: the one whose client has been still
   * for longest, among those of a client beyond its share, else among all.
   */
  findSlowest(): Call | null {
    const excess = slowestOf(this.#excess)
    if (excess === null) return null
    const { clientKey } = excess.request
    const held = slowestOf(this.#admitted, this.hasShare(clientKey) ? null : clientKey)
    return held !== null && held.clientMovedAt < excess.clientMovedAt ? held : excess
  }
}

function slowestOf(calls: Iterable<Call>, clientKey: string | null = null): Call | null {
  let slowest: Call | null = null
  for (const call of calls) {
    if (call.connection === null || call.connection.isBlocked) continue
    if (clientKey !== null && call.request.clientKey !== clientKey) continue
    if (slowest === null || call.clientMovedAt < slowest.clientMovedAt) slowest = call
  }
  return slowest
}
