import type { LookupAddress } from 'node:dns'
import { lookup as systemLookup } from 'node:dns/promises'
import { isIP } from 'node:net'
import type { PolicyLog } from '../../core/telemetry.ts'

/** Resolves a name to all of its addresses. */
export type Lookup = (hostname: string) => Promise<LookupAddress[]>

export const lookupAll: Lookup = (hostname) => systemLookup(hostname, { all: true })

/** After a failure the resolver is left alone for this long: it works on few threads, which others need too. */
const failurePauseMs = 1_000

/** The addresses behind a target's name, looked up again as their lifetime ends. */
export class TargetAddresses {
  readonly #hostname: string
  readonly #lifetimeMs: number
  readonly #lookup: Lookup
  readonly #log: PolicyLog
  readonly #onChange: () => void
  #known: readonly string[] | null
  #turn = 0
  #dueAt = 0
  #failed: { readonly error: Error; readonly at: number } | null = null
  #pending: Promise<readonly string[]> | null = null

  /** @param onChange addresses have vanished */
  constructor(hostname: string, lifetimeMs: number, lookup: Lookup, log: PolicyLog, onChange: () => void) {
    this.#hostname = hostname
    this.#lifetimeMs = lifetimeMs
    this.#lookup = lookup
    this.#log = log
    this.#onChange = onChange
    this.#known = isIP(hostname) === 0 ? null : [hostname]
    if (this.#known !== null) this.#dueAt = Number.POSITIVE_INFINITY
  }

  /** The known addresses, starting with another one each time; null before the name was resolved. */
  take(): readonly string[] | null {
    const known = this.#known
    if (known === null || known.length === 1) return known
    this.#turn = (this.#turn + 1) % known.length
    return [...known.slice(this.#turn), ...known.slice(0, this.#turn)]
  }

  includes(address: string): boolean {
    return this.#known?.includes(address) ?? false
  }

  /** Called by the sweep: looks the name up again where its lifetime has ended. */
  refresh(): void {
    if (performance.now() < this.#dueAt || this.#pending !== null) return
    this.resolve().catch(() => {})
  }

  /** Resolves the name. Where that fails, known addresses stay in use. */
  resolve(): Promise<readonly string[]> {
    if (this.#pending !== null) return this.#pending
    const now = performance.now()
    if (this.#failed !== null && now - this.#failed.at < failurePauseMs) return Promise.reject(this.#failed.error)
    this.#pending = this.#resolve().finally(() => {
      this.#pending = null
    })
    return this.#pending
  }

  async #resolve(): Promise<readonly string[]> {
    try {
      const found = await this.#lookup(this.#hostname)
      const addresses = [...new Set(found.map(({ address }) => address))]
      if (addresses.length === 0) throw new Error(`${this.#hostname} has no address`)
      this.#failed = null
      this.#dueAt = performance.now() + this.#lifetimeMs
      this.#take(addresses)
      return addresses
    } catch (error) {
      this.#failed = { error: error as Error, at: performance.now() }
      this.#dueAt = performance.now() + Math.max(failurePauseMs, Math.min(this.#lifetimeMs, 5_000))
      this.#log.warn('upstream_name_unresolved', {
        name: this.#hostname,
        error: (error as Error).message,
        keepsUsing: this.#known ?? [],
      })
      throw error
    }
  }

  #take(addresses: readonly string[]): void {
    const before = this.#known
    this.#known = addresses
    if (before?.some((address) => !addresses.includes(address))) {
      this.#log.info('upstream_addresses_changed', { name: this.#hostname, before, after: addresses })
      this.#onChange()
    }
  }
}
