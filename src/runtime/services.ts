import { randomBytes } from 'node:crypto'
import { dirname } from 'node:path'
import type { Snapshot } from '../config/snapshot.ts'
import { type Meter, type PolicyLog, silentMeter } from '../core/telemetry.ts'
import { createEpochBuffer, openEpochWriter } from '../stores/change-epoch.ts'
import { createChangeLogPoller } from '../stores/change-log-poller.ts'
import { allocateRateMemory } from '../stores/counters/rate-memory.ts'
import { publishRateTable } from '../stores/counters/rate-table-gauges.ts'
import { createSharedRateTable } from '../stores/counters/shared-rate-table.ts'
import { createKeyUseWriter } from '../stores/key-use-writer.ts'
import type { KeyUse } from '../stores/ports/key-store.ts'
import { startRevocationPruner } from '../stores/revocation-pruner.ts'
import { openSqliteStore } from '../stores/sqlite/sqlite-store.ts'
import { openDataFolder, readOrCreate } from './data-folder.ts'
import { readLogOptions } from './log-options.ts'
import type { ThreadInit } from './thread-environment.ts'

/** What a process has once, whatever the number of its threads: the writing store, the change log's reader, memory. */
export interface Services {
  /** What each thread is started with. */
  readonly init: Omit<ThreadInit, 'thread'>
  recordKeyUses(uses: readonly KeyUse[]): void
  close(): Promise<void>
}

export const proofKeyName = 'prove.key'

/** Opens them; the store is migrated and the change log read once before this resolves. */
export async function openServices(snapshot: Snapshot, log: PolicyLog, meter: Meter = silentMeter): Promise<Services> {
  const dataFolder = await openDataFolder(snapshot.dataFolder)
  const storePath = snapshot.data.path
  await openDataFolder(dirname(storePath))
  const proofKey = await readOrCreate(dataFolder, proofKeyName, () => randomBytes(32))
  const store = await openSqliteStore({ path: storePath })
  const epochBuffer = createEpochBuffer()
  const poller = createChangeLogPoller({
    store: store.changes,
    epoch: openEpochWriter(epochBuffer),
    onFailure: (error, state) => log.error('change_log_unreadable', { error, state }),
    onRecovery: (afterMs) => log.info('change_log_readable', { afterMs }),
  })
  await poller.poll()
  const keyUses = createKeyUseWriter({
    store: store.keys,
    onFailure: (error) => log.warn('key_uses_unwritten', { error }),
    onRecovery: () => log.info('key_uses_written'),
  })
  const pruner = startRevocationPruner({
    store: store.revocations,
    onFailure: (error) => log.warn('revocations_not_pruned', { error }),
  })
  meter.gauge('portcullis_change_log_failing', '1 while revocations cannot be read from the store', () =>
    poller.failing ? 1 : 0,
  )
  meter.gauge(
    'portcullis_change_log_age_seconds',
    'Since revocations were read from the store for the last time; from 10 on, cached credentials are refused',
    () => poller.ageMs / 1000,
  )
  meter.gauge('portcullis_key_uses_waiting', 'API keys whose last use waits to be written', () => keyUses.waiting)
  const rateMemory = allocateRateMemory(snapshot.counters.maxKeys)
  publishRateTable(createSharedRateTable(rateMemory), meter)
  return {
    init: {
      dataFolder,
      storePath,
      rateMemory,
      epochBuffer,
      proofKey,
      log: readLogOptions(snapshot),
    },
    recordKeyUses: (uses) => keyUses.record(uses),
    async close() {
      poller.stop()
      await pruner.stop()
      await keyUses.close()
      store.close()
    },
  }
}
