import { stat } from 'node:fs/promises'

const defaultPollMs = 500

/**
 * Calls back when one of the files has changed and then kept still for one poll, so that a file is not read while it
 * is being written. Files are polled: events get lost on network file systems and over atomic replacement.
 */
export class FileWatch {
  readonly #onChange: () => void
  readonly #pollMs: number
  #known = new Map<string, string>()
  #pending = false
  #polling = false
  #timer: NodeJS.Timeout | null = null

  constructor(onChange: () => void, pollMs = defaultPollMs) {
    this.#onChange = onChange
    this.#pollMs = pollMs
  }

  /**
   * Watches these files from now on, instead of those before. A file that was watched already is still compared with
   * what it was then: a change that came while the last one was taken over is not lost.
   */
  async watch(paths: readonly string[]): Promise<void> {
    const known = new Map<string, string>()
    for (const path of paths) known.set(path, this.#known.get(path) ?? (await identify(path)))
    this.#known = known
    this.#timer ??= setInterval(() => void this.#poll(), this.#pollMs).unref()
  }

  stop(): void {
    if (this.#timer !== null) clearInterval(this.#timer)
    this.#timer = null
    this.#known = new Map()
    this.#pending = false
  }

  async #poll(): Promise<void> {
    // A file system that hangs answers one poll, not all that were due.
    if (this.#polling) return
    this.#polling = true
    const known = this.#known
    let changed = false
    for (const [path, before] of known) {
      const now = await identify(path)
      if (now === before) continue
      known.set(path, now)
      changed = true
    }
    this.#polling = false
    if (this.#timer === null) return
    if (changed) this.#pending = true
    else if (this.#pending) {
      this.#pending = false
      this.#onChange()
    }
  }
}

async function identify(path: string): Promise<string> {
  try {
    const { ino, size, mtimeMs, ctimeMs } = await stat(path)
    return `${ino}:${size}:${mtimeMs}:${ctimeMs}`
  } catch {
    return 'absent'
  }
}
