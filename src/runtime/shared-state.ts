interface Shared {
  readonly value: object
  readonly dispose: ((value: never) => void) | undefined
  users: number
}

/** State that outlives a reload: made once per key, disposed when the last snapshot that asked for it is released. */
export class SharedState {
  readonly #entries = new Map<string, Shared>()
  readonly #onFault: (error: unknown) => void

  /** @param onFault called where something cannot be disposed */
  constructor(onFault: (error: unknown) => void = (error) => process.emitWarning(error as Error)) {
    this.#onFault = onFault
  }

  /** What one snapshot sees; `release` gives back everything it asked for. */
  open(): SharedScope {
    const held = new Set<string>()
    return {
      get: <T extends object>(key: string, make: () => T, dispose?: (value: T) => void): T => {
        let entry = this.#entries.get(key)
        if (entry === undefined) {
          entry = { value: make(), dispose, users: 0 }
          this.#entries.set(key, entry)
        }
        if (!held.has(key)) {
          held.add(key)
          entry.users++
        }
        return entry.value as T
      },
      release: () => {
        for (const key of held) this.#giveBack(key)
        held.clear()
      },
    }
  }

  get size(): number {
    return this.#entries.size
  }

  #giveBack(key: string): void {
    const entry = this.#entries.get(key)
    if (entry === undefined || --entry.users > 0) return
    this.#entries.delete(key)
    try {
      entry.dispose?.(entry.value as never)
    } catch (error) {
      // This may be the end of any exchange, which must not suffer from it.
      this.#onFault(error)
    }
  }
}

export interface SharedScope {
  get<T extends object>(key: string, make: () => T, dispose?: (value: T) => void): T
  release(): void
}
