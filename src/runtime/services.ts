import { randomBytes } from 'node:crypto'
import { dirname } from 'node:path'
import type { MessagePort } from 'node:worker_threads'
import type { Snapshot } from '../config/snapshot.ts'
import { type Meter, type PolicyLog, silentMeter } from '../core/telemetry.ts'
import { sharePasswordHasher } from '../crypto/passwords/password-hasher-port.ts'
import { createArtefactStore } from '../stores/artefact-store.ts'
import { createAttemptStore } from '../stores/attempt-store.ts'
import { createEpochBuffer, openChangeEpoch, openEpochWriter } from '../stores/change-epoch.ts'
import { createChangeLogPoller } from '../stores/change-log-poller.ts'
import { allocateRateMemory } from '../stores/counters/rate-memory.ts'
import { publishRateTable } from '../stores/counters/rate-table-gauges.ts'
import { createSharedRateTable } from '../stores/counters/shared-rate-table.ts'
import { createKeyUseWriter } from '../stores/key-use-writer.ts'
import { openStore } from '../stores/open-store.ts'
import { startPruner } from '../stores/pruner.ts'
import { openDataFolder, readOrCreate } from './data-folder.ts'
import { offerFirstAdministrator } from './first-administrator.ts'
import { readLogOptions } from './log-options.ts'
import { openMail } from './mail.ts'
import { openPasswordHasher } from './passwords.ts'
import { createStoreAnswers } from './store-answers.ts'
import type { AnswerStoreCall } from './store-calls.ts'
import { resolveStoreLocation } from './store-location.ts'
import { openWrittenStores } from './store-ports.ts'
import type { ThreadInit, WritingThread } from './thread-environment.ts'

/** What a process has once, whatever the number of its threads: the writing store, the change log's reader, memory. */
export interface Services extends WritingThread {
  /** What each thread is started with. */
  readonly init: Omit<ThreadInit, 'thread' | 'passwords'>
  /** A thread's way to the process's password hasher: one for each. */
  sharePasswords(): MessagePort
  /** The same calls for threads that are sent what comes of them. */
  readonly answerStoreCall: AnswerStoreCall
  /** Asked at a start: the link behind which the first account is made, where there is none. */
  offerFirstAdministrator(): Promise<string | null>
  close(): Promise<void>
}

/** Most live for minutes, and there are many: they go soon. */
const artefactPruning = { intervalMs: 60_000, keptMs: 3_600_000 }

export const proofKeyName = 'prove.key'

/** Opens them; the store is migrated and the change log read once before this resolves. */
export async function openServices(snapshot: Snapshot, log: PolicyLog, meter: Meter = silentMeter): Promise<Services> {
  const dataFolder = await openDataFolder(snapshot.dataFolder)
  const location = await resolveStoreLocation(snapshot)
  if (location.kind === 'sqlite') await openDataFolder(dirname(location.path))
  const proofKey = await readOrCreate(dataFolder, proofKeyName, () => randomBytes(32))
  const passwords = await openPasswordHasher(snapshot, meter)
  const store = await openStore(location, true)
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
  const mail = await openMail(snapshot, { store, epoch: openChangeEpoch(epochBuffer), log, meter })
  const pruners = [
    startPruner({
      store: store.revocations,
      onFailure: (error) => log.warn('revocations_not_pruned', { error }),
    }),
    startPruner({
      store: createAttemptStore(store.db),
      onFailure: (error) => log.warn('attempts_not_pruned', { error }),
    }),
    startPruner({
      store: createArtefactStore(store.db),
      ...artefactPruning,
      onFailure: (error) => log.warn('artefacts_not_pruned', { error }),
    }),
  ]
  meter.gauge('portcullis_change_log_failing', '1 while revocations cannot be read from the store', () =>
    poller.failing ? 1 : 0,
  )
  meter.gauge(
    'portcullis_change_log_age_seconds',
    'Since revocations were read from the store for the last time; from 10 on, cached credentials are refused',
    () => poller.ageMs / 1000,
  )
  meter.gauge('portcullis_key_uses_waiting', 'API keys whose last use waits to be written', () => keyUses.waiting)
  const answers = createStoreAnswers(openWrittenStores(store.db))
  const rateMemory = allocateRateMemory(snapshot.counters.maxKeys)
  publishRateTable(createSharedRateTable(rateMemory), meter)
  return {
    init: {
      dataFolder,
      store: location,
      rateMemory,
      epochBuffer,
      proofKey,
      log: readLogOptions(snapshot),
    },
    sharePasswords: () => sharePasswordHasher(passwords),
    recordKeyUses: (uses) => keyUses.record(uses),
    callStore: answers.call,
    answerStoreCall: answers.answer,
    offerFirstAdministrator: () => offerFirstAdministrator(snapshot, store, Date.now()),
    async close() {
      poller.stop()
      await mail?.stop()
      await Promise.all(pruners.map((pruner) => pruner.stop()))
      await keyUses.close()
      await passwords.close()
      await store.close()
    },
  }
}
