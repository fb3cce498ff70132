import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createApiKey } from '../../src/crypto/api-key.ts'
import { openSqliteStore } from '../../src/stores/sqlite/sqlite-store.ts'
import type { TokenRange } from '../harness/wrk.ts'

const clients = 100

/** API keys that exist for this run only, sent as bearer tokens. */
export interface ApiKeys {
  readonly repeating: TokenRange
  readonly sample: string
  /** Puts them into the store of a contender's folder. */
  fill(folder: string): Promise<void>
}

export async function createApiKeys(folder: string): Promise<ApiKeys> {
  const keys = Array.from({ length: clients }, () => createApiKey())
  const file = join(folder, 'api-keys.tokens')
  await mkdir(folder, { recursive: true })
  await writeFile(file, `${keys.map(({ text }) => text).join('\n')}\n`)
  return {
    repeating: { file, offset: 0, count: clients },
    sample: keys[0]?.text ?? '',
    async fill(of) {
      const store = await openSqliteStore({ path: join(of, 'data', 'portcullis.db') })
      const nothing = { name: null, tenant: null, roles: ['customer'], scopes: [], cidrs: [], expiresAt: null }
      for (const [i, { id, digest }] of keys.entries()) {
        await store.keys.create({ id, digest, owner: `client-${i}`, createdAt: Date.now(), ...nothing })
      }
      store.close()
    },
  }
}
