import type { Call } from './call.ts'

/** Calls that wait for a connection, first come first served. One that leaves early costs nothing. */
export class CallQueue {
  #calls: Call[] = []
  #first = 0
  #size = 0

  get size(): number {
    return this.#size
  }

  push(call: Call): void {
    call.queue = this
    this.#calls.push(call)
    this.#size += 1
  }

  shift(): Call | null {
    while (this.#first < this.#calls.length) {
      const call = this.#calls[this.#first] as Call
      this.#first += 1
      if (call.queue !== this) continue
      this.remove(call)
      return call
    }
    return null
  }

  peek(): Call | null {
    while (this.#first < this.#calls.length) {
      const call = this.#calls[this.#first] as Call
      if (call.queue === this) return call
      this.#first += 1
    }
    return null
  }

  remove(call: Call): void {
    call.queue = null
    this.#size -= 1
    if (this.#calls.length > 64 + 2 * this.#size) this.#compact()
  }

  #compact(): void {
    this.#calls = this.#calls.slice(this.#first).filter((call) => call.queue === this)
    this.#first = 0
  }
}
