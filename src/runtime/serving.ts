import type { HttpsListener, Snapshot } from '../config/snapshot.ts'
import type { AuthoritySource } from '../crypto/x509/authorities.ts'
import { ConnectionLimits } from '../gateway/connection-limits.ts'
import { publishHeldOpen } from '../gateway/credential-watch.ts'
import { publishHeldBytes } from '../gateway/held-bytes.ts'
import { type Listener, openListener } from '../gateway/listener.ts'
import type { ServingContext } from '../gateway/serving-context.ts'
import { type CertificatePair, type CertificateSet, createCertificateSet } from '../gateway/tls.ts'
import { TransferWatch } from '../gateway/transfer-watch.ts'
import type { MetricJson } from '../observe/metrics.ts'
import { openClientCertificates } from './client-authorities.ts'
import { compileSnapshot, type LiveSnapshot } from './compile.ts'
import type { Environment } from './environment.ts'
import { UntrustedClients } from './untrusted-clients.ts'
import { toUpstreamMetrics } from './upstream-metrics.ts'

export type ListenerName = 'https' | 'http'

/** A snapshot on its way into a thread, with what only the main thread reads or decides. */
export interface Revision {
  readonly snapshot: Snapshot
  readonly certificates: readonly CertificatePair[]
  /** Absent or null where clients are not asked for a certificate. */
  readonly clientAuthorities?: AuthoritySource | null
  /** Ports that are open already, where the file says 0. */
  readonly ports: Readonly<Partial<Record<ListenerName, number>>>
  readonly reusePort: boolean
}

export interface OpenedListener {
  readonly name: ListenerName
  readonly url: string
  readonly port: number
}

interface Prepared {
  readonly live: LiveSnapshot
  readonly certificates: CertificateSet | null
  readonly opened: Map<string, Listener>
  readonly wanted: ReadonlyMap<string, ListenerName>
  committed: boolean
}

/**
 * One thread's serving: prepares a revision beside the one that serves, then switches to it between two requests.
 * Several threads prepare, and switch only when all of them could.
 */
export class Serving {
  readonly #environment: Environment
  readonly #listeners = new Map<string, Listener>()
  readonly #limits: ConnectionLimits
  readonly #untrusted: UntrustedClients
  #watch: TransferWatch | null = null
  #current: LiveSnapshot | null = null
  #prepared: Prepared | null = null

  constructor(environment: Environment) {
    this.#environment = environment
    this.#untrusted = new UntrustedClients(environment)
    this.#limits = new ConnectionLimits(
      () => this.#serving().server,
      (peer) => {
        const { client } = this.#serving()
        return { key: client.keyOf(peer), trusted: client.trusts(peer) }
      },
    )
    const { meter } = environment
    meter.gauge('portcullis_connections', 'Open client connections', () => this.#limits.open)
    meter.total('portcullis_connections_refused_total', 'Connections ended for the limits', () => this.#limits.refused)
    meter.total(
      'portcullis_client_certificates_refused_total',
      'Connections ended because `clientCertificates` requires a certificate that is trusted',
      () => this.#untrusted.count,
    )
    publishHeldOpen(meter, () => this.#watch?.credentials.size ?? 0)
    meter.gauge('portcullis_slow_transfers', 'Transfers that wait for their client', () => this.#watch?.size ?? 0)
    publishHeldBytes(meter, () => this.heldBytes)
  }

  get current(): LiveSnapshot | null {
    return this.#current
  }

  /** Bytes of bodies that are held in memory. */
  get heldBytes(): number {
    return this.#watch?.heldBytes ?? 0
  }

  /** What is read off the snapshot that serves. */
  metrics(): MetricJson[] {
    return this.#current === null ? [] : toUpstreamMetrics(this.#current.upstreams)
  }

  /** Compiles a revision and opens the listeners that it adds. Rejects, and leaves nothing behind, where that fails. */
  async prepare(revision: Revision): Promise<OpenedListener[]> {
    this.discard()
    const { snapshot } = revision
    // Without one it throws: an HTTPS listener must never fall back to plain HTTP.
    const { https } = snapshot.listen
    const certificates =
      https === null ? null : createCertificateSet(revision.certificates, clientCertificatesOf(revision, https))
    const prepared: Prepared = {
      live: await compileSnapshot(snapshot, this.#environment),
      certificates,
      opened: new Map(),
      wanted: wantedListeners(revision),
      committed: false,
    }
    this.#prepared = prepared
    this.#watch ??= new TransferWatch(snapshot.server, this.#environment.changeEpoch)
    try {
      for (const [key, name] of prepared.wanted) {
        if (!this.#listeners.has(key)) prepared.opened.set(key, await this.#open(name, revision, prepared))
      }
      return [...prepared.wanted].map(([key, name]) => {
        const listener = (prepared.opened.get(key) ?? this.#listeners.get(key)) as Listener
        return { name, url: listener.url, port: listener.port }
      })
    } catch (error) {
      this.discard()
      throw error
    }
  }

  /** Serves the prepared revision from the next request on; listeners that it lacks are closed. */
  commit(): void {
    const prepared = this.#prepared
    if (prepared === null) return
    const { live, certificates, opened, wanted } = prepared
    const before = this.#current
    this.#prepared = null
    this.#current = live
    prepared.committed = true
    this.#watch?.configure(live.server)
    for (const [key, listener] of this.#listeners) {
      if (wanted.has(key)) {
        listener.configure(live.server)
        if (certificates !== null) listener.useCertificates(certificates)
      } else {
        this.#listeners.delete(key)
        void listener.close(live.server.drainMs)
      }
    }
    for (const [key, listener] of opened) this.#listeners.set(key, listener)
    this.#watch?.credentials.askAll()
    before?.retire()
  }

  /** Forgets what was prepared. */
  discard(): void {
    if (this.#prepared === null) return
    const { live, opened } = this.#prepared
    this.#prepared = null
    for (const listener of opened.values()) void listener.close(0)
    live.retire()
  }

  /** Lets open exchanges end for up to `drainMs`. */
  async stop(drainMs: number): Promise<void> {
    this.discard()
    await Promise.all([...this.#listeners.values()].map((listener) => listener.close(drainMs)))
    this.#listeners.clear()
    this.#watch?.stop()
    this.#current?.retire()
  }

  /** What connections are judged by: at the first start a listener is open before anything was committed. */
  #serving(): LiveSnapshot {
    const live = this.#current ?? this.#prepared?.live
    if (live === undefined) throw new Error('no snapshot serves')
    return live
  }

  #open(name: ListenerName, revision: Revision, prepared: Prepared): Promise<Listener> {
    const options = revision.snapshot.listen[name] as { host: string; port: number; http2?: boolean }
    const context: ServingContext = {
      // A new listener serves what it was opened for: the snapshot before may not even know how it is to be served.
      current: () => (prepared.committed ? this.#serving() : prepared.live),
      watch: this.#watch as TransferWatch,
      onFault: (error) => this.#environment.log.error('gateway_fault', { error }),
      onUntrustedClient: (peer, problem) => this.#untrusted.note(peer, problem),
    }
    return openListener(
      {
        host: options.host,
        port: options.port === 0 ? (revision.ports[name] ?? 0) : options.port,
        certificates: name === 'https' ? prepared.certificates : null,
        http2: options.http2 ?? false,
        reusePort: revision.reusePort,
      },
      context,
      this.#limits,
    )
  }
}

function clientCertificatesOf({ clientAuthorities }: Revision, { clientCertificates }: HttpsListener) {
  if (clientCertificates === undefined) return null
  // Without them nobody would be asked, and `require` would let everyone in.
  if (!clientAuthorities) throw new Error('the authorities of client certificates were not read')
  return openClientCertificates(clientAuthorities, clientCertificates.mode)
}

/** Listeners are known by all that cannot be changed while they are open. */
function wantedListeners({ snapshot }: Revision): Map<string, ListenerName> {
  const wanted = new Map<string, ListenerName>()
  const { https, http } = snapshot.listen
  if (https !== null) {
    const { host, port, http2, clientCertificates: asked } = https
    wanted.set(`https ${host} ${port} ${http2}${asked === undefined ? '' : ` ${asked.mode}`}`, 'https')
  }
  if (http !== null) wanted.set(`http ${http.host} ${http.port}`, 'http')
  return wanted
}
