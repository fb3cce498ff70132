import type { ClientLookup, ClientRecord } from '../../stores/ports/client-store.ts'

/** The clients of the policy file, that of the account pages, and those of the store; the first win. One that is disabled is not there. */
export function createClientDirectory(file: ReadonlyMap<string, ClientRecord>, store: ClientLookup): ClientLookup {
  return {
    find(id) {
      const found = file.get(id) ?? store.find(id)
      return found instanceof Promise ? found.then(toEnabled) : toEnabled(found)
    },
  }
}

function toEnabled(client: ClientRecord | null): ClientRecord | null {
  return client?.settings.disabled === true ? null : client
}
