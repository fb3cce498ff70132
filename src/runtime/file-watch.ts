import { stat } from 'node:fs/promises'

const pollMs = 500

/**
 * Calls back when one of the files has changed and then kept still for one poll, so that a file is not read while it
 * is being written. Files are polled: events get lost on network file systems and over atomic replacement.
 */
export class FileWatch {
  readonly #onChange: () => void
  #known = new Map<string, string>()
  #pending = false
  #timer: NodeJS.Timeout | null = null

  constructor(onChange: () => void) {
    this.#onChange = onChange
  }

  /** Watches these files from now on, instead of those before. */
  async watch(paths: readonly string[]): Promise<void> {
    const known = new Map<string, string>()
    for (const path of paths) known.set(path, await identify(path))
    this.#known = known
    this.#timer ??= setInterval(() => void this.#poll(), pollMs).unref()
  }

  stop(): void {
    if (this.#timer !== null) clearInterval(this.#timer)
    this.#timer = null
  }

  async #poll(): Promise<void> {
    const known = this.#known
    let changed = false
    for (const [path, before] of known) {
      const now = await identify(path)
      if (now === before) continue
      known.set(path, now)
      changed = true
    }
    if (changed) this.#pending = true
    else if (this.#pending) {
      this.#pending = false
      this.#onChange()
    }
  }
}

async function identify(path: string): Promise<string> {
  try {
    const { ino, size, mtimeMs } = await stat(path)
    return `${ino}:${size}:${mtimeMs}`
  } catch {
    return 'absent'
  }
}
