import { endOfProbe } from '../../accounts/probe-account.ts'
import type { ClientLookup, ClientRecord } from '../../stores/ports/client-store.ts'

/** The clients of the policy file, that of the account pages, and those of the store; the first win. */
export function createClientDirectory(
  file: ReadonlyMap<string, ClientRecord>,
  store: ClientLookup,
  now: () => number,
): ClientLookup {
  return {
    find(id) {
      const found = file.get(id) ?? (isOver(id, now()) ? null : store.find(id))
      return found instanceof Promise ? found.then(toEnabled) : toEnabled(found)
    },
  }
}

/** One that is disabled is not there. */
function toEnabled(client: ClientRecord | null): ClientRecord | null {
  return client?.settings.disabled === true ? null : client
}

/** One that `prove` made, and perhaps could not remove. */
function isOver(id: string, now: number): boolean {
  const end = endOfProbe(id)
  return end !== null && end <= now
}
