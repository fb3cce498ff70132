import type { Snapshot } from '../config/snapshot.ts'
import { ConnectionLimits } from '../gateway/connection-limits.ts'
import type { ServingContext } from '../gateway/http1.ts'
import { type Listener, openListener } from '../gateway/listener.ts'
import { type CertificatePair, type CertificateSet, createCertificateSet } from '../gateway/tls.ts'
import { TransferWatch } from '../gateway/transfer-watch.ts'
import { compileSnapshot, type LiveSnapshot } from './compile.ts'
import type { Environment } from './environment.ts'

export type ListenerName = 'https' | 'http'

/** A snapshot on its way into a thread, with what only the main thread reads or decides. */
export interface Revision {
  readonly snapshot: Snapshot
  readonly certificates: readonly CertificatePair[]
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
}

/**
 * One thread's serving: prepares a revision beside the one that serves, then switches to it between two requests.
 * Several threads prepare, and switch only when all of them could.
 */
export class Serving {
  readonly #environment: Environment
  readonly #listeners = new Map<string, Listener>()
  readonly #limits: ConnectionLimits
  #watch: TransferWatch | null = null
  #current: LiveSnapshot | null = null
  #prepared: Prepared | null = null

  constructor(environment: Environment) {
    this.#environment = environment
    this.#limits = new ConnectionLimits(
      () => this.#required().server,
      (peer) => {
        const { client } = this.#required()
        return { key: client.keyOf(peer), trusted: client.trusts(peer) }
      },
    )
    environment.meter.gauge('portcullis_connections', 'Open client connections', () => this.#limits.open)
    environment.meter.gauge(
      'portcullis_connections_refused',
      'Connections ended for the limits',
      () => this.#limits.refused,
    )
    environment.meter.gauge(
      'portcullis_slow_transfers',
      'Transfers that wait for their client',
      () => this.#watch?.size ?? 0,
    )
    environment.meter.gauge('portcullis_slow_bytes', 'Bytes held for slow clients', () => this.#watch?.heldBytes ?? 0)
  }

  get current(): LiveSnapshot | null {
    return this.#current
  }

  /** Compiles a revision and opens the listeners that it adds. Rejects, and leaves nothing behind, where that fails. */
  async prepare(revision: Revision): Promise<OpenedListener[]> {
    this.discard()
    const { snapshot } = revision
    const live = await compileSnapshot(snapshot, this.#environment)
    const opened = new Map<string, Listener>()
    const first = this.#current === null
    try {
      if (first) this.#current = live
      this.#watch ??= new TransferWatch(snapshot.server)
      const certificates = revision.certificates.length === 0 ? null : createCertificateSet(revision.certificates)
      const wanted = wantedListeners(revision)
      for (const [key, name] of wanted) {
        if (this.#listeners.has(key)) continue
        opened.set(key, await this.#open(name, revision, certificates))
      }
      this.#prepared = { live, certificates, opened, wanted }
      return [...wanted].map(([key, name]) => {
        const listener = (opened.get(key) ?? this.#listeners.get(key)) as Listener
        return { name, url: listener.url, port: listener.port }
      })
    } catch (error) {
      if (first) this.#current = null
      for (const listener of opened.values()) void listener.close(0)
      live.retire()
      throw error
    }
  }

  /** Serves the prepared revision from the next request on; listeners that it lacks are closed. */
  commit(): void {
    if (this.#prepared === null) return
    const { live, certificates, opened, wanted } = this.#prepared
    this.#prepared = null
    const before = this.#current
    this.#current = live
    this.#watch?.configure(live.server)
    for (const [key, listener] of opened) this.#listeners.set(key, listener)
    for (const [key, listener] of this.#listeners) {
      if (!wanted.has(key)) {
        this.#listeners.delete(key)
        void listener.close(live.server.drainMs)
      } else if (certificates !== null) listener.useCertificates(certificates)
    }
    if (before !== null && before !== live) before.retire()
  }

  /** Forgets what was prepared. */
  discard(): void {
    if (this.#prepared === null) return
    const { live, opened } = this.#prepared
    this.#prepared = null
    for (const listener of opened.values()) void listener.close(0)
    if (live !== this.#current) live.retire()
  }

  /** Lets open exchanges end for up to `drainMs`. */
  async stop(drainMs: number): Promise<void> {
    this.discard()
    await Promise.all([...this.#listeners.values()].map((listener) => listener.close(drainMs)))
    this.#listeners.clear()
    this.#watch?.stop()
    this.#current?.retire()
  }

  #required(): LiveSnapshot {
    if (this.#current === null) throw new Error('no snapshot serves yet')
    return this.#current
  }

  #open(name: ListenerName, revision: Revision, certificates: CertificateSet | null): Promise<Listener> {
    const options = revision.snapshot.listen[name] as { host: string; port: number; http2?: boolean }
    const context: ServingContext = { current: () => this.#required(), watch: this.#watch as TransferWatch }
    return openListener(
      {
        host: options.host,
        port: options.port === 0 ? (revision.ports[name] ?? 0) : options.port,
        certificates: name === 'https' ? certificates : null,
        http2: options.http2 ?? false,
        reusePort: revision.reusePort,
      },
      context,
      this.#limits,
    )
  }
}

/** Listeners are known by all that cannot be changed while they are open. */
function wantedListeners({ snapshot }: Revision): Map<string, ListenerName> {
  const wanted = new Map<string, ListenerName>()
  const { https, http } = snapshot.listen
  if (https !== null) wanted.set(`https ${https.host} ${https.port} ${https.http2}`, 'https')
  if (http !== null) wanted.set(`http ${http.host} ${http.port}`, 'http')
  return wanted
}
