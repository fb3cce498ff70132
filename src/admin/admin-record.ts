import type { Refusal } from '../core/decision.ts'
import type { Counter, Meter, PolicyLog } from '../core/telemetry.ts'

/** Whoever reaches the listener can be refused at will, and must not fill the log with it. */
const loggedPerMinute = 20

/** What is kept of the listener's requests: a count by status, and the first refusals of each minute in the log. */
export class AdminRecord {
  readonly #byStatus = new Map<number, Counter>()
  readonly #log: PolicyLog
  readonly #meter: Meter
  #minute = -1
  #logged = 0

  constructor(log: PolicyLog, meter: Meter) {
    this.#log = log
    this.#meter = meter
  }

  count(status: number): void {
    let counter = this.#byStatus.get(status)
    if (counter === undefined) {
      const labels = { status: String(status) }
      counter = this.#meter.counter('portcullis_admin_requests_total', 'Requests at the admin listener', labels)
      this.#byStatus.set(status, counter)
    }
    counter.add()
  }

  noteFault(error: unknown): void {
    this.#log.error('admin_fault', { error })
  }

  /** @param requestId what the caller was told as `instance` */
  noteRefusal(requestId: string, { code, detail }: Refusal, client: string): void {
    const minute = Math.floor(Date.now() / 60_000)
    if (minute !== this.#minute) {
      this.#minute = minute
      this.#logged = 0
    }
    this.#logged++
    // A field `code` would be taken for a secret, and redacted.
    const shown = detail === undefined ? {} : { detail: detail.slice(0, 200) }
    if (this.#logged <= loggedPerMinute) this.#log.warn('admin_refused', { requestId, problem: code, ...shown, client })
    else if (this.#logged === loggedPerMinute + 1) {
      this.#log.warn('admin_refusals_muted', { untilEndOf: 'the minute' })
    }
  }
}
