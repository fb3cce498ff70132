import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Port } from '../../src/core/ports.ts'
import { createSessionSecret } from '../../src/crypto/session-secret.ts'
import { sessionsBlock } from '../../src/policies/sessions-block.ts'
import { createEpochBuffer, openChangeEpoch, openEpochWriter } from '../../src/stores/change-epoch.ts'
import { changeEpochPort } from '../../src/stores/ports/change-log.ts'
import { dataFolderPort } from '../../src/stores/ports/data-folder.ts'
import { type NewSession, sessionLookupPort, sessionStorePort } from '../../src/stores/ports/session-store.ts'
import { createSessionLookup } from '../../src/stores/session-lookup.ts'
import { createSessionStore } from '../../src/stores/session-store.ts'
import { openSqliteReader } from '../../src/stores/sqlite/sqlite-reader.ts'
import { openSqliteStore } from '../../src/stores/sqlite/sqlite-store.ts'
import { newSession, testCaller } from '../contracts/session-store.ts'
import { createTestPipeline, type TestPolicy } from './exchange.ts'

/** The time at which every test begins. */
export const start = 1_800_000_000_000

export const cookieName = '__Host-session'

/** Sessions in a real database, with a clock that stands still until it is moved. */
export async function openTestSessions() {
  const folder = mkdtempSync(join(tmpdir(), 'portcullis-sessions-'))
  const path = join(folder, 'portcullis.db')
  const store = await openSqliteStore({ path })
  const reader = openSqliteReader({ path, retryAfterMs: 0 })
  const sessions = createSessionStore(store.db)
  const lookup = createSessionLookup(reader.db, reader.read)
  const buffer = createEpochBuffer()
  const epoch = openEpochWriter(buffer)
  epoch.touch()
  const state = { clock: start, reads: 0 }

  function find(digest: string) {
    state.reads++
    return lookup.find(digest)
  }

  const ports: (readonly [Port<unknown>, unknown])[] = [
    [sessionStorePort, sessions],
    [sessionLookupPort, { find }],
    [changeEpochPort, openChangeEpoch(buffer)],
    [dataFolderPort, { path: folder }],
  ]

  return {
    path,
    store: sessions,
    epoch,
    state,
    ports,

    /** A session that has begun. */
    async begin(values: Partial<NewSession> = {}) {
      const { text, id, digest } = createSessionSecret()
      const caller = testCaller({ roles: ['customer'], authenticatedAt: start })
      await sessions.create(newSession({ id, digest, caller, createdAt: start, idleMs: 1_800_000, ...values }))
      return { id, digest, text, cookie: `${cookieName}=${text}` }
    },

    /** A route with these policies; `settings` is the block `sessions` as a file has it. */
    createRoute(
      policies: readonly TestPolicy[],
      { authenticated = true, settings = {} }: { authenticated?: boolean; settings?: object } = {},
      more: typeof ports = [],
    ) {
      return createTestPipeline(
        policies,
        { authenticated, upstream: 'shop' },
        { now: () => state.clock, ports: [...ports, ...more], blocks: { sessions: sessionsBlock.parse(settings) } },
      )
    },

    close() {
      store.close()
      reader.close()
      rmSync(folder, { recursive: true })
    },
  }
}
