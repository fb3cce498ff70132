import type { EpochWriter } from './change-epoch.ts'
import type { ChangeLog } from './ports/change-log.ts'

export interface ChangeLogPollerOptions {
  readonly store: ChangeLog
  readonly epoch: EpochWriter
  /** 200 unless a test wants otherwise. */
  readonly intervalMs?: number
  /** Called once when the log stops being readable, and once more when cached credentials are refused for it. */
  readonly onFailure: (error: unknown, state: 'failing' | 'refusing') => void
  /** Called once when it can be read again. */
  readonly onRecovery?: (afterMs: number) => void
  readonly now?: () => number
}

export interface ChangeLogPoller {
  /** Reads the log now; resolves when it was tried. Await it once before workers start to serve. */
  poll(): Promise<void>
  /** Whether the last attempt failed, for a gauge. */
  readonly failing: boolean
  /** How long ago the log was read for the last time; infinite before the first. */
  readonly ageMs: number
  stop(): void
}

/** Follows the change log from the main thread and moves the epoch that all workers check. */
export function createChangeLogPoller(options: ChangeLogPollerOptions): ChangeLogPoller {
  const { store, epoch, intervalMs = 200, onFailure, onRecovery, now = () => performance.now() } = options
  let known: string | null = null
  let failedAt: number | null = null
  let refusing = false
  let readAt = Number.NEGATIVE_INFINITY
  let stopped = false
  let timer: NodeJS.Timeout | undefined

  function succeed(position: string): void {
    if (position !== known) epoch.advance()
    known = position
    epoch.touch()
    readAt = now()
    if (failedAt !== null) onRecovery?.(now() - failedAt)
    failedAt = null
    refusing = false
  }

  function fail(error: unknown): void {
    if (failedAt === null) {
      failedAt = now()
      onFailure(error, 'failing')
    }
    if (!refusing && !epoch.readable()) {
      refusing = true
      onFailure(error, 'refusing')
    }
  }

  async function poll(): Promise<void> {
    try {
      succeed(await store.position())
    } catch (error) {
      fail(error)
    }
  }

  async function turn(): Promise<void> {
    await poll()
    if (!stopped) timer = setTimeout(turn, intervalMs).unref()
  }

  timer = setTimeout(turn, 0).unref()
  return {
    poll,
    get failing() {
      return failedAt !== null
    },
    get ageMs() {
      return now() - readAt
    },
    stop() {
      stopped = true
      clearTimeout(timer)
    },
  }
}
