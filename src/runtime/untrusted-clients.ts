import type { Environment } from './environment.ts'

/** A flood of them must not flood the log. */
const lineEveryMs = 1_000

/** Counts the connections that were ended for their client's certificate, and tells of them. */
export class UntrustedClients {
  readonly #environment: Pick<Environment, 'log' | 'now'>
  count = 0
  #toldCount = 0
  #toldAt = Number.NEGATIVE_INFINITY

  constructor(environment: Pick<Environment, 'log' | 'now'>) {
    this.#environment = environment
  }

  note(peer: string, problem: string): void {
    this.count++
    const { log, now } = this.#environment
    if (Math.abs(now() - this.#toldAt) < lineEveryMs) return
    log.warn('client_certificate_refused', { client: peer, problem, sinceLast: this.count - this.#toldCount })
    this.#toldAt = now()
    this.#toldCount = this.count
  }
}
