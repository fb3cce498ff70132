import { openSqliteReader } from './sqlite/sqlite-reader.ts'
import { openSqliteStore } from './sqlite/sqlite-store.ts'
import type { Store, StoreLocation, StoreReader } from './store.ts'

/**
 * Opens the store for writing, and migrates it. Rejects with a `StoreError`.
 * @param serves for a process that goes on to write, rather than for one command
 */
export async function openStore(location: StoreLocation, serves = false): Promise<Store> {
  if (location.kind === 'sqlite') return openSqliteStore({ path: location.path, serves })
  // Loaded only here: a driver is a lot to read for whoever has a file.
  const { openPostgresStore } = await import('./postgres/postgres-store.ts')
  return openPostgresStore({ url: location.url })
}

/** Opens it for a thread that serves requests; a database that is away now may be there later. */
export async function openStoreReader(location: StoreLocation): Promise<StoreReader> {
  if (location.kind === 'sqlite') return openSqliteReader({ path: location.path })
  const { openPostgresReader } = await import('./postgres/postgres-store.ts')
  return openPostgresReader({ url: location.url })
}
