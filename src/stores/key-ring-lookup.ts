import type { CompiledQuery, Kysely } from 'kysely'
import type { ReadRows } from './key-lookup.ts'
import { selectRingKeys, toStoredRingKey } from './key-ring-store.ts'
import type { KeyRingLookup } from './ports/key-ring-store.ts'
import type { KeyRingRow, Tables } from './schema.ts'

/** Reads the key ring on a connection that can only read. */
export function createKeyRingLookup(db: Kysely<Tables>, read: ReadRows): KeyRingLookup {
  const query = selectRingKeys(db).compile() as CompiledQuery<KeyRingRow>
  return { list: async () => (await read<KeyRingRow>(query)).map(toStoredRingKey) }
}
