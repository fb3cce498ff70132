import type { Provide } from '../../core/ports.ts'
import { rateTable } from '../../stores/ports/rate-table.ts'

export interface MailLimits {
  /** Seconds until this client may ask for a mail again; 0: now. */
  takeClient(key: string): Promise<number>
  /** Whether this address is to get another mail: nobody is told that it is not. */
  takeAddress(address: string): Promise<boolean>
}

const windowMs = 3_600_000

/** How many mails can be asked for: by one client, and for one address. */
export function createMailLimits(provide: Provide): MailLimits {
  const table = provide(rateTable)
  const clients = table.open({ id: 'identity-mails-client', limit: 20, windowMs, burst: 20 })
  const addresses = table.open({ id: 'identity-mails-address', limit: 4, windowMs, burst: 4 })
  return {
    async takeClient(key) {
      const { admitted, waitMs } = await clients.take(key, 1, performance.now())
      return admitted ? 0 : Math.max(1, Math.ceil(waitMs / 1000))
    },
    takeAddress: async (address) => (await addresses.take(address, 1, performance.now())).admitted,
  }
}
