import type { MessagePort } from 'node:worker_threads'
import { createProvide, type Port } from '../core/ports.ts'
import { redactorPort } from '../core/telemetry.ts'
import { passwordHasherPort, reachPasswordHasher } from '../crypto/passwords/password-hasher-port.ts'
import { keyRingsPort } from '../crypto/ring/live-key-ring.ts'
import { createObserver, type Observer } from '../observe/observer.ts'
import type { LogOptions } from '../observe/options.ts'
import { redactText } from '../observe/redact.ts'
import { isSecretName, isSecretParameter } from '../observe/secret-names.ts'
import { outboundPort } from '../outbound/outbound.ts'
import { createOutboundClient } from '../outbound/outbound-client.ts'
import { policies } from '../policies/index.ts'
import { openChangeEpoch } from '../stores/change-epoch.ts'
import { createSharedRateTable } from '../stores/counters/shared-rate-table.ts'
import { openStoreReader } from '../stores/open-store.ts'
import { changeEpochPort } from '../stores/ports/change-log.ts'
import { dataFolderPort } from '../stores/ports/data-folder.ts'
import { keyRingLookupPort, keyRingStorePort } from '../stores/ports/key-ring-store.ts'
import { type KeyUse, keyUseRecorderPort } from '../stores/ports/key-store.ts'
import { localRateTable, rateTable } from '../stores/ports/rate-table.ts'
import type { StoreLocation } from '../stores/store.ts'
import type { Environment } from './environment.ts'
import { createKeyRings } from './key-rings.ts'
import { SharedState } from './shared-state.ts'
import type { CallStore } from './store-calls.ts'
import { callPorts, readPorts, writePorts } from './store-ports.ts'

/** What a thread is started with: plain data and shared memory. */
export interface ThreadInit {
  /** Names the thread in logs. */
  readonly thread: string
  readonly dataFolder: string
  readonly store: StoreLocation
  readonly rateMemory: SharedArrayBuffer
  readonly epochBuffer: SharedArrayBuffer
  readonly proofKey: Uint8Array | null
  /** The way to the process's password hasher. */
  readonly passwords: MessagePort
  readonly log: LogOptions
}

/** What a thread has the writing thread do; where both are one, it is done at once. */
export interface WritingThread {
  recordKeyUses(uses: readonly KeyUse[]): void
  readonly callStore: CallStore
}

export interface ThreadEnvironment extends Environment {
  readonly observer: Observer
  setHttpsPort(port: number | null): void
  close(): Promise<void>
}

/** Opens what policies of one thread are handed: stores to read, counters to share, the guarded client, log, metrics. */
export async function openThreadEnvironment(init: ThreadInit, writer: WritingThread): Promise<ThreadEnvironment> {
  const observer = createObserver(init.log, init.thread)
  const store = await openStoreReader(init.store)
  const outbound = createOutboundClient()
  const passwords = reachPasswordHasher(init.passwords)
  const rates = createSharedRateTable(init.rateMemory)
  const epoch = openChangeEpoch(init.epochBuffer)
  let httpsPort: number | null = null
  const storePorts = readPorts(store)
  const writtenPorts = store.writes ? writePorts(store.db) : callPorts(store.db, writer.callStore)
  const keyRings = createKeyRings({
    lookup: createProvide(storePorts)(keyRingLookupPort),
    store: createProvide(writtenPorts)(keyRingStorePort),
    outbound,
    epoch,
    log: observer.log,
  })
  const ports: (readonly [Port<unknown>, unknown])[] = [
    ...storePorts,
    [keyRingsPort, keyRings],
    ...writtenPorts,
    [keyUseRecorderPort, { record: writer.recordKeyUses }],
    [changeEpochPort, epoch],
    [rateTable, rates],
    [localRateTable, rates],
    [outboundPort, outbound],
    [passwordHasherPort, passwords],
    [dataFolderPort, { path: init.dataFolder }],
    [redactorPort, { isSecretName, isSecretParameter, redactText }],
  ]
  return {
    policies,
    provide: createProvide(ports),
    shared: new SharedState(),
    observer,
    log: observer.log,
    meter: observer.meter,
    record: observer.record,
    now: Date.now,
    changeEpoch: () => epoch.current(),
    httpsPort: () => httpsPort,
    setHttpsPort: (port) => {
      httpsPort = port
    },
    proofKey: init.proofKey === null ? null : Buffer.from(init.proofKey),
    async close() {
      await store.close()
      passwords.close()
      await outbound.close()
      await observer.close()
    },
  }
}
