import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Snapshot } from '../config/snapshot.ts'
import { createProvide } from '../core/ports.ts'
import { redactorPort, silentLog, silentMeter } from '../core/telemetry.ts'
import { redactText } from '../observe/redact.ts'
import { isSecretName, isSecretParameter } from '../observe/secret-names.ts'
import { outboundPort } from '../outbound/outbound.ts'
import { createOutboundClient } from '../outbound/outbound-client.ts'
import { policies } from '../policies/index.ts'
import { allocateRateMemory } from '../stores/counters/rate-memory.ts'
import { createSharedRateTable } from '../stores/counters/shared-rate-table.ts'
import { changeEpochPort } from '../stores/ports/change-log.ts'
import { dataFolderPort } from '../stores/ports/data-folder.ts'
import { type KeyLookup, keyLookupPort, keyUseRecorderPort } from '../stores/ports/key-store.ts'
import { localRateTable, rateTable } from '../stores/ports/rate-table.ts'
import { type RoleLookup, roleLookupPort } from '../stores/ports/role-store.ts'
import { openSqliteReader } from '../stores/sqlite/sqlite-reader.ts'
import type { DryOptions } from './decide.ts'
import type { Environment } from './environment.ts'
import { SharedState } from './shared-state.ts'

/** Few requests are asked about: limits are counted in memory of this run's own. */
const dryKeys = 64

/** What policies are handed where nothing may be left behind: no counting, no record, no writing. */
export async function openDryEnvironment(
  snapshot: Snapshot,
  { offline = false, now = Date.now }: DryOptions,
): Promise<{ readonly environment: Environment; close(): Promise<void> }> {
  // What policies would generate (keys, say) is generated apart, so that asking leaves nothing behind.
  const folder = await mkdtemp(join(tmpdir(), 'portcullis-explain-'))
  const store = openStore(snapshot, offline)
  const outbound = createOutboundClient()
  const rates = createSharedRateTable(allocateRateMemory(dryKeys))
  const environment: Environment = {
    policies,
    provide: createProvide([
      [keyLookupPort, store.keys],
      [roleLookupPort, store.roles],
      [keyUseRecorderPort, { record() {} }],
      [changeEpochPort, { current: () => 0, readable: () => true }],
      [rateTable, rates],
      [localRateTable, rates],
      [outboundPort, outbound],
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
      store.close()
      await outbound.close()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

interface DryStore {
  readonly keys: KeyLookup
  readonly roles: RoleLookup
  close(): void
}

/** Before a first start there is no file: it will be one that holds nothing. */
function openStore({ data }: Snapshot, offline: boolean): DryStore {
  if (!offline && existsSync(data.path)) return openSqliteReader({ path: data.path })
  return { keys: { find: () => null }, roles: { roles: () => [], rolesOf: () => [] }, close() {} }
}
