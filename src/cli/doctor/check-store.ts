import { stat } from 'node:fs/promises'
import type { Snapshot } from '../../config/snapshot.ts'
import { resolveStoreLocation } from '../../runtime/store-location.ts'
import { openStoreReader } from '../../stores/open-store.ts'
import { StoreError } from '../../stores/ports/store-error.ts'
import type { StoreReader } from '../../stores/store.ts'
import type { Checkup } from './checkup.ts'

const name = 'store'

/** Whether the store can be read. Nothing is made, and nothing migrated. */
export async function checkStore(snapshot: Pick<Snapshot, 'data' | 'baseFolder'>): Promise<Checkup> {
  let reader: StoreReader | null = null
  try {
    const location = await resolveStoreLocation(snapshot)
    if (location.kind === 'sqlite' && (await stat(location.path).catch(() => null)) === null) {
      return { name, state: 'ok', text: `${location.path} is not there yet: the first start makes it` }
    }
    reader = await openStoreReader(location)
    await reader.changes.position()
    return { name, state: 'ok', text: `${location.kind === 'sqlite' ? location.path : 'the database'} can be read` }
  } catch (error) {
    if (!(error instanceof StoreError)) throw error
    return { name, state: 'fail', text: error.message }
  } finally {
    await reader?.close()
  }
}
