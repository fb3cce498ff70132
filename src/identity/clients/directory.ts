import type { ClientLookup, ClientRecord } from '../../stores/ports/client-store.ts'

/** The clients of the policy file and those of the store; the file's win. */
export function createClientDirectory(file: ReadonlyMap<string, ClientRecord>, store: ClientLookup): ClientLookup {
  return { find: (id) => file.get(id) ?? store.find(id) }
}
