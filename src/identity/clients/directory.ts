import type { ClientLookup, ClientRecord } from '../../stores/ports/client-store.ts'

/** The clients of the policy file, that of the account pages, and those of the store; the first win. */
export function createClientDirectory(file: ReadonlyMap<string, ClientRecord>, store: ClientLookup): ClientLookup {
  return { find: (id) => file.get(id) ?? store.find(id) }
}
