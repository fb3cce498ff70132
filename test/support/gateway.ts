import type { Snapshot } from '../../src/config/snapshot.ts'
import type { Exchange, Outcome } from '../../src/core/exchange.ts'
import type { AnyPolicy } from '../../src/core/policy.ts'
import { createProvide, type Port } from '../../src/core/ports.ts'
import { type PolicyLog, silentMeter } from '../../src/core/telemetry.ts'
import type { AuthoritySource } from '../../src/crypto/x509/authorities.ts'
import type { CertificatePair } from '../../src/gateway/tls.ts'
import type { Environment } from '../../src/runtime/environment.ts'
import { type OpenedListener, Serving } from '../../src/runtime/serving.ts'
import { SharedState } from '../../src/runtime/shared-state.ts'

export interface TestGateway {
  readonly serving: Serving
  readonly listeners: readonly OpenedListener[]
  /** Of the first listener. */
  readonly url: string
  readonly port: number
  readonly records: { exchange: Exchange; outcome: Outcome }[]
  readonly events: { event: string; fields: unknown }[]
  use(snapshot: Snapshot): Promise<void>
  stop(): Promise<void>
}

export interface TestGatewayOptions {
  readonly policies?: readonly AnyPolicy[]
  readonly ports?: Iterable<readonly [Port<unknown>, unknown]>
  readonly certificates?: readonly CertificatePair[]
  /** Read anew at each `use`. */
  clientAuthorities?: AuthoritySource
  readonly changeEpoch?: () => number
  readonly proofKey?: Buffer
}

/** A gateway in this thread, with everything that it records at hand. */
export async function startTestGateway(snapshot: Snapshot, options: TestGatewayOptions = {}): Promise<TestGateway> {
  const records: TestGateway['records'] = []
  const events: TestGateway['events'] = []
  const note = (event: string, fields: unknown) => void events.push({ event, fields })
  const log: PolicyLog = { info: note, warn: note, error: note }
  let httpsPort: number | null = null
  const environment: Environment = {
    policies: options.policies ?? [],
    provide: createProvide(options.ports ?? []),
    shared: new SharedState(),
    log,
    meter: silentMeter,
    now: Date.now,
    record: (exchange, outcome) => void records.push({ exchange, outcome }),
    httpsPort: () => httpsPort,
    proofKey: options.proofKey ?? null,
    ...(options.changeEpoch && { changeEpoch: options.changeEpoch }),
  }
  const serving = new Serving(environment)
  const ports: Record<string, number> = {}
  const use = async (next: Snapshot) => {
    const listeners = await serving.prepare({
      snapshot: next,
      certificates: options.certificates ?? [],
      clientAuthorities: options.clientAuthorities ?? null,
      ports,
      reusePort: false,
    })
    for (const { name, port } of listeners) ports[name] = port
    httpsPort = ports.https ?? null
    serving.commit()
    return listeners
  }
  const listeners = await use(snapshot)
  const [first] = listeners
  if (first === undefined) throw new Error('the snapshot opens no listener')
  return {
    serving,
    listeners,
    url: first.url,
    port: first.port,
    records,
    events,
    use: async (next) => void (await use(next)),
    stop: () => serving.stop(200),
  }
}
