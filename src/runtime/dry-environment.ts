import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Snapshot } from '../config/snapshot.ts'
import { createProvide } from '../core/ports.ts'
import { redactorPort, silentLog, silentMeter } from '../core/telemetry.ts'
import { createPasswordHasher } from '../crypto/passwords/password-hasher.ts'
import { passwordHasherPort } from '../crypto/passwords/password-hasher-port.ts'
import { createKeyRing } from '../crypto/ring/key-ring.ts'
import { keyRingsPort, type LiveKeyRing } from '../crypto/ring/live-key-ring.ts'
import { redactText } from '../observe/redact.ts'
import { isSecretName, isSecretParameter } from '../observe/secret-names.ts'
import { outboundPort } from '../outbound/outbound.ts'
import { createOutboundClient } from '../outbound/outbound-client.ts'
import { policies } from '../policies/index.ts'
import { allocateRateMemory } from '../stores/counters/rate-memory.ts'
import { createSharedRateTable } from '../stores/counters/shared-rate-table.ts'
import { openStoreReader } from '../stores/open-store.ts'
import { changeEpochPort } from '../stores/ports/change-log.ts'
import { dataFolderPort } from '../stores/ports/data-folder.ts'
import { keyStorePort, keyUseRecorderPort, type Spending } from '../stores/ports/key-store.ts'
import { localRateTable, rateTable } from '../stores/ports/rate-table.ts'
import { openSqliteReader } from '../stores/sqlite/sqlite-reader.ts'
import { openSqliteStore } from '../stores/sqlite/sqlite-store.ts'
import type { StoreReader } from '../stores/store.ts'
import type { DryOptions } from './decide.ts'
import type { Environment } from './environment.ts'
import { SharedState } from './shared-state.ts'
import type { CallStore } from './store-calls.ts'
import { resolveStoreLocation } from './store-location.ts'
import { callPorts, readPorts } from './store-ports.ts'

/** Few requests are asked about: limits are counted in memory of this run's own. */
const dryKeys = 64

/** What policies are handed where nothing may be left behind: no counting, no record, no writing. */
export async function openDryEnvironment(
  snapshot: Snapshot,
  { offline = false, now = Date.now }: DryOptions,
): Promise<{ readonly environment: Environment; close(): Promise<void> }> {
  // What policies would generate (keys, say) is generated apart, so that asking leaves nothing behind.
  const folder = await mkdtemp(join(tmpdir(), 'portcullis-explain-'))
  const store = await openStore(snapshot, offline, folder)
  const outbound = createOutboundClient()
  const passwords = createPasswordHasher()
  const rates = createSharedRateTable(allocateRateMemory(dryKeys))
  const environment: Environment = {
    policies,
    provide: createProvide([
      ...readPorts(store),
      ...callPorts(store.db, refuseCall),
      // Asking spends no uses; whether a key has any left was looked at before.
      [keyStorePort, { spend: async (all: readonly Spending[]) => all.map(({ count }) => count) }],
      [keyUseRecorderPort, { record() {} }],
      [changeEpochPort, { current: () => 0, readable: () => true }],
      [rateTable, rates],
      [localRateTable, rates],
      [outboundPort, outbound],
      [keyRingsPort, { open: async () => createThrowawayRing() }],
      [passwordHasherPort, passwords],
      [dataFolderPort, { path: folder }],
      [redactorPort, { isSecretName, isSecretParameter, redactText }],
    ]),
    shared: new SharedState(),
    log: silentLog,
    meter: silentMeter,
    now,
    record() {},
    httpsPort: () => snapshot.listen.https?.port ?? null,
    proofKey: null,
  }
  return {
    environment,
    async close() {
      await store.close()
      await outbound.close()
      await passwords.close()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

/** Nothing that is asked about is stored or sent: no master key is needed for it. */
function createThrowawayRing(): LiveKeyRing {
  const ring = createKeyRing([
    { id: 'Throwaway001', role: 'active', secret: randomBytes(32) },
    { id: 'Throwaway002', role: 'index', secret: randomBytes(32) },
  ])
  return { current: () => ring, withKey: () => ring }
}

/** Asking changes nothing. */
const refuseCall: CallStore = async ({ port, method }) => {
  throw new Error(`explain does not call ${port}.${method}, which might write`)
}

/** Before a first start there is no file: it will be one that holds nothing. */
async function openStore(snapshot: Snapshot, offline: boolean, folder: string): Promise<StoreReader> {
  const { data } = snapshot
  const isThere = data.kind !== 'sqlite' || existsSync(data.path)
  if (!offline && isThere) return openStoreReader(await resolveStoreLocation(snapshot))
  const path = join(folder, 'empty.db')
  ;(await openSqliteStore({ path })).close()
  return openSqliteReader({ path })
}
