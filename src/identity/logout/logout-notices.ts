import type { Counter, Meter, PolicyLog } from '../../core/telemetry.ts'
import type { OutboundClient } from '../../outbound/outbound.ts'
import type { ClientLookup } from '../../stores/ports/client-store.ts'

export interface LogoutNoticesOptions {
  readonly outbound: Pick<OutboundClient, 'request'>
  readonly directory: ClientLookup
  readonly log: PolicyLog
  readonly meter: Meter
}

/** What a client is told, signed for it. */
export interface LogoutNotice {
  readonly client: string
  readonly token: string
}

const maxResting = 1000
const [firstRestMs, maxRestMs] = [1000, 60_000]
const request = { method: 'POST', maxBytes: 16 * 1024, timeoutMs: 2500 } as const
const headers = [['content-type', 'application/x-www-form-urlencoded']] as const

/**
 * Tells clients that somebody has logged out (OpenID Connect Back-Channel Logout). No person waits for it, and the tokens of a
 * client that does not answer have ended in any case.
 */
export class LogoutNotices {
  readonly #options: LogoutNoticesOptions
  readonly #counters
  /** Clients that did not answer, and until when nobody waits for them. */
  readonly #resting = new Map<string, { readonly until: number; readonly waitMs: number }>()

  constructor(options: LogoutNoticesOptions) {
    this.#options = options
    this.#counters = {
      delivered: countNotices(options.meter, 'delivered'),
      postponed: countNotices(options.meter, 'postponed'),
    }
  }

  /**
   * Tries once; false where it has to be tried again, for which the caller sees. A client that has just not answered is
   * not asked at all: however many logins of it end, others are told meanwhile.
   */
  async tell(notice: LogoutNotice): Promise<boolean> {
    const resting = this.#resting.get(notice.client)
    if (resting !== undefined && performance.now() < resting.until) {
      this.#counters.postponed.add()
      return false
    }
    try {
      await this.#ask(notice)
      this.#resting.delete(notice.client)
      this.#counters.delivered.add()
      return true
    } catch (error) {
      this.#rest(notice.client, Math.min(maxRestMs, (resting?.waitMs ?? firstRestMs / 2) * 2))
      this.#counters.postponed.add()
      this.#options.log.warn('logout_not_told', { client: notice.client, reason: (error as Error).message })
      return false
    }
  }

  #rest(client: string, waitMs: number): void {
    // Who is forgotten is asked again, and rests again.
    if (this.#resting.size >= maxResting) this.#resting.clear()
    this.#resting.set(client, { until: performance.now() + waitMs, waitMs })
  }

  async #ask({ client: id, token }: LogoutNotice): Promise<void> {
    const { outbound, directory } = this.#options
    const settings = (await directory.find(id))?.settings
    if (settings?.backchannelLogoutUri === undefined) throw new Error('the client is gone')
    const { status } = await outbound.request(settings.backchannelLogoutUri, {
      ...request,
      headers,
      body: new URLSearchParams({ logout_token: token }).toString(),
      allowPrivate: settings.allowPrivateAddress !== undefined,
      allowHttp: settings.allowPlainHttp !== undefined,
    })
    if (status !== 200 && status !== 204) throw new Error(`it answered ${status}`)
  }
}

/** Counts in one metric what came of notices, in whichever part that is known. */
export function countNotices(meter: Meter, outcome: 'delivered' | 'postponed' | 'given_up'): Counter {
  return meter.counter('portcullis_logout_notices_total', 'Clients told of a logout, by what came of it', { outcome })
}
