import type { PolicyLog } from '../../core/telemetry.ts'
import type { ClientRecord } from '../../stores/ports/client-store.ts'

/** Says at the start which clients of the file may have us call what is refused elsewhere, and why. */
export function tellAllowances(clients: readonly ClientRecord[], log: PolicyLog): void {
  for (const { id, settings } of clients) {
    for (const name of ['allowPrivateAddress', 'allowPlainHttp'] as const) {
      const allowed = settings[name]
      if (allowed !== undefined) log.warn('client_allowance', { client: id, allowance: name, reason: allowed.reason })
    }
  }
}
