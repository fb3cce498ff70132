import type { Provide } from '../../core/ports.ts'
import { rateTable } from '../../stores/ports/rate-table.ts'

/** How often codes may be looked for: a code is short, and whoever guesses one connects somebody else's device. */
export interface GuessLimits {
  /** Seconds until this client may try a code again; 0: now. */
  take(client: string): Promise<number>
}

const minuteMs = 60_000

/**
 * One login looks twice. There are 20^8 codes, each good for ten minutes: with a thousand of them open, somebody who has
 * any number of addresses finds one in two months.
 */
export function createGuessLimits(provide: Provide): GuessLimits {
  const table = provide(rateTable)
  const clients = table.open({ id: 'identity-device-client', limit: 40, windowMs: 10 * minuteMs, burst: 20 })
  const all = table.open({ id: 'identity-device-all', limit: 300, windowMs: minuteMs, burst: 300 })
  return {
    async take(client) {
      const own = await clients.take(client, 1, performance.now())
      if (!own.admitted) return toSeconds(own.waitMs)
      const { admitted, waitMs } = await all.take('all', 1, performance.now())
      return admitted ? 0 : toSeconds(waitMs)
    },
  }
}

function toSeconds(waitMs: number): number {
  return Math.max(1, Math.ceil(waitMs / 1000))
}
