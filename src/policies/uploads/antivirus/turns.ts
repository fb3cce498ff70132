/** Lets so many at once have a turn; the others wait in line, up to a number and for a time. */
export class Turns {
  readonly #most: number
  readonly #maxWaiting: number
  readonly #waiting: Set<() => void> = new Set()
  #taken = 0

  constructor(most: number, maxWaiting: number) {
    this.#most = most
    this.#maxWaiting = maxWaiting
  }

  /** False where none came in time. Whoever got a turn gives it back. */
  take(timeoutMs: number): Promise<boolean> {
    if (this.#taken < this.#most) {
      this.#taken++
      return Promise.resolve(true)
    }
    if (this.#waiting.size >= this.#maxWaiting) return Promise.resolve(false)
    return new Promise((resolve) => {
      const get = () => {
        clearTimeout(timer)
        resolve(true)
      }
      const timer = setTimeout(() => {
        this.#waiting.delete(get)
        resolve(false)
      }, timeoutMs)
      this.#waiting.add(get)
    })
  }

  give(): void {
    const [next] = this.#waiting
    if (next === undefined) this.#taken--
    else {
      this.#waiting.delete(next)
      next()
    }
  }
}
