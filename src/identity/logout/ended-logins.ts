import type { Meter, PolicyLog } from '../../core/telemetry.ts'
import type { ChangeEpoch } from '../../stores/ports/change-log.ts'
import type { EndedLogin, EndedLoginStore } from '../../stores/ports/ended-login-store.ts'
import { countNotices } from './logout-notices.ts'
import type { LogoutTeller } from './logout-teller.ts'

export interface EndedLoginsOptions {
  readonly store: EndedLoginStore
  readonly epoch: Pick<ChangeEpoch, 'current'>
  /** One for each issuer. */
  readonly tellers: readonly LogoutTeller[]
  readonly now: () => number
  readonly log: PolicyLog
  readonly meter: Meter
  /** Default 200 ms. */
  readonly intervalMs?: number
}

/** Longer than clients are waited for, so that nobody is told a second time meanwhile; who died over it is followed so soon. */
const takenForMs = 15_000
const maxAtOnce = 50
/** Without a change, for those that another gateway postponed, or died over. */
const lookEveryMs = 5000
const [firstWaitMs, longestWaitMs] = [1000, 1_800_000]
/** What another gateway can read is left to it for so long. */
const othersWaitMs = 30_000

/**
 * Tells clients of logins that were ended by whomever: on a page, by the command line, in another process. A client that
 * does not answer is told later, less and less often, for a day; until then nothing of it is forgotten.
 */
export function startEndedLogins(options: EndedLoginsOptions): { stop(): void } {
  const { store, epoch, tellers, now, log, intervalMs = 200 } = options
  const givenUp = countNotices(options.meter, 'given_up')
  let [seen, lookAt, dueAt, running, failing, stopped] = [Number.NaN, 0, 0, false, false, false]

  async function tell(ended: EndedLogin): Promise<void> {
    const { digest, attempts, expiresAt } = ended
    const left = await ask(ended)
    if (left === 'none') return store.remove(digest)
    if (expiresAt <= now()) {
      const reason = left === 'other' ? 'no issuer of the policy file can read it' : 'it was tried for a day'
      givenUp.add()
      log.warn('logout_given_up', { login: digest.slice(0, 24), reason })
      return store.remove(digest)
    }
    if (left === 'other') return postpone(digest, ended.payload, othersWaitMs)
    const waitMs = Math.min(longestWaitMs, firstWaitMs * 2 ** Math.min(attempts - 1, 20))
    return postpone(digest, left.payload, waitMs)
  }

  function postpone(digest: string, payload: string, waitMs: number): Promise<void> {
    const until = now() + waitMs
    dueAt = Math.min(dueAt, until)
    return store.postpone(digest, payload, until)
  }

  /** What cannot even be tried is tried later, like what nobody answers to. */
  async function ask(ended: EndedLogin): ReturnType<LogoutTeller> {
    try {
      for (const teller of tellers) {
        const left = await teller(ended)
        if (left !== 'other') return left
      }
      return 'other'
    } catch (error) {
      log.warn('logout_not_told', { login: ended.digest.slice(0, 24), error })
      return { clients: [], payload: ended.payload }
    }
  }

  async function turn(): Promise<void> {
    const current = epoch.current()
    if (stopped || (current === seen && now() < lookAt)) return
    try {
      dueAt = now() + lookEveryMs
      const taken = await store.take(now(), takenForMs, maxAtOnce)
      await Promise.all(taken.map(tell))
      // Where there may be more, the next turn looks again.
      if (taken.length < maxAtOnce) [seen, lookAt] = [current, dueAt]
      failing = false
    } catch (error) {
      // Said once: whatever was taken is taken again.
      if (!failing) log.error('ended_logins_not_told', { error })
      failing = true
      lookAt = now() + lookEveryMs
      seen = current
    }
  }

  const timer = setInterval(() => {
    if (running) return
    running = true
    void turn().finally(() => {
      running = false
    })
  }, intervalMs).unref()
  return {
    stop() {
      stopped = true
      clearInterval(timer)
    },
  }
}
