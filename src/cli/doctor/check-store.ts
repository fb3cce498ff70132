import { stat } from 'node:fs/promises'
import { StoreError } from '../../stores/ports/store-error.ts'
import { openSqliteReader } from '../../stores/sqlite/sqlite-reader.ts'
import type { Checkup } from './checkup.ts'

const name = 'store'

/** Whether the store can be read. Nothing is made, and nothing migrated. */
export async function checkStore(path: string): Promise<Checkup> {
  const there = await stat(path).catch(() => null)
  if (there === null) return { name, state: 'ok', text: `${path} is not there yet: the first start makes it` }
  const reader = openSqliteReader({ path })
  try {
    await reader.changes.position()
    return { name, state: 'ok', text: `${path} can be read` }
  } catch (error) {
    if (!(error instanceof StoreError)) throw error
    return { name, state: 'fail', text: error.message }
  } finally {
    reader.close()
  }
}
