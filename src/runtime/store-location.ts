import type { Snapshot } from '../config/snapshot.ts'
import { StoreError } from '../stores/ports/store-error.ts'
import type { StoreLocation } from '../stores/store.ts'
import { readSecret } from './secrets.ts'

/** Where the policy file's `data` is; rejects with a `StoreError` where a reference stands for nothing. */
export async function resolveStoreLocation({
  data,
  baseFolder,
}: Pick<Snapshot, 'data' | 'baseFolder'>): Promise<StoreLocation> {
  if (data.kind === 'sqlite') return data
  if (!/^(env|file):/.test(data.url)) return data
  try {
    return { kind: 'postgres', url: await readSecret(data.url, baseFolder) }
  } catch (error) {
    throw new StoreError('missing', `the store cannot be found: data: ${(error as Error).message}`, { cause: error })
  }
}
