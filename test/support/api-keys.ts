import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Port } from '../../src/core/ports.ts'
import { createApiKey } from '../../src/crypto/api-key.ts'
import { apiKey } from '../../src/policies/api-key/index.ts'
import { createEpochBuffer, openChangeEpoch, openEpochWriter } from '../../src/stores/change-epoch.ts'
import { allocateRateMemory } from '../../src/stores/counters/rate-memory.ts'
import { createSharedRateTable } from '../../src/stores/counters/shared-rate-table.ts'
import { changeEpochPort } from '../../src/stores/ports/change-log.ts'
import {
  type KeyUse,
  keyLookupPort,
  keyStorePort,
  keyUseRecorderPort,
  type NewKey,
} from '../../src/stores/ports/key-store.ts'
import { localRateTable, rateTable } from '../../src/stores/ports/rate-table.ts'
import { openSqliteReader } from '../../src/stores/sqlite/sqlite-reader.ts'
import { openSqliteStore } from '../../src/stores/sqlite/sqlite-store.ts'
import { createTestPipeline, parseTestOptions } from './exchange.ts'

export type ApiKeyOptions = Parameters<typeof apiKey.compose>[0]

/** The time at which every test begins. */
export const start = 1_800_000_000_000

/** API keys in a real database, and the policy on it, with a clock that stands still until it is moved. */
export async function openTestKeys() {
  const folder = mkdtempSync(join(tmpdir(), 'portcullis-api-keys-'))
  const path = join(folder, 'portcullis.db')
  const store = await openSqliteStore({ path })
  const reader = openSqliteReader({ path, retryAfterMs: 0 })
  const buffer = createEpochBuffer()
  const epoch = openEpochWriter(buffer)
  epoch.touch()
  const used: KeyUse[] = []
  const state = { clock: start, reads: 0 }
  const rates = createSharedRateTable(allocateRateMemory(1000))

  function find(id: string) {
    state.reads++
    return reader.keys.find(id)
  }

  function findByDigest(digest: string) {
    state.reads++
    return reader.keys.findByDigest(digest)
  }

  const ports: (readonly [Port<unknown>, unknown])[] = [
    [keyStorePort, store.keys],
    [keyLookupPort, { find, findByDigest }],
    [keyUseRecorderPort, { record: (uses: readonly KeyUse[]) => used.push(...uses) }],
    [changeEpochPort, openChangeEpoch(buffer)],
    [rateTable, rates],
    [localRateTable, rates],
  ]

  return {
    path,
    store: store.keys,
    epoch,
    used,
    state,
    ports,
    now: () => state.clock,

    /** A key that was handed out. */
    async issue(values: Partial<NewKey> = {}) {
      const { id, text, digest } = createApiKey()
      const common = { owner: 'shop', name: null, tenant: null, roles: ['customer'], scopes: [], cidrs: [] }
      const key = { id, digest, ...common, createdAt: start, expiresAt: null, ...values }
      await store.keys.create(key)
      return { id: key.id, text, digest: key.digest }
    },

    /** A route that only callers with a key may use; `more` replaces ports. */
    createRoute(options: unknown = {}, more: typeof ports = []) {
      return createTestPipeline(
        [{ policy: apiKey, options }],
        { authenticated: true },
        { now: () => state.clock, ports: [...ports, ...more] },
      )
    },

    close() {
      store.close()
      reader.close()
      rmSync(folder, { recursive: true })
    },
  }
}

export function parseApiKeyOptions(options: unknown): ApiKeyOptions {
  return parseTestOptions(apiKey, options) as ApiKeyOptions
}

export const bearer = (text: string) => ({ authorization: `Bearer ${text}` })
