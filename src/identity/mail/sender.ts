import type { Meter, PolicyLog } from '../../core/telemetry.ts'
import type { MailStore, WaitingMail } from '../../stores/ports/mail-store.ts'
import type { SealedPayloads } from '../artefacts/sealed-payloads.ts'
import { type Deliver, type Mail, MailRefusedError } from './mail.ts'
import { mailKind, toMailRealm } from './queue.ts'

/** How the mails of one tenant go. */
export interface MailWay {
  readonly payloads: SealedPayloads
  readonly deliver: Deliver
}

export interface MailSenderOptions {
  readonly store: MailStore
  /** Null where the tenant has no mail any more. */
  readonly wayOf: (realm: string | null) => MailWay | null
  readonly now: () => number
  readonly log: PolicyLog
  readonly meter: Meter
  /** Default a second. */
  readonly intervalMs?: number
}

/** Longer than any delivery takes, so that nobody sends it a second time meanwhile. */
const takenForMs = 120_000
const maxAtOnce = 5
const [firstWaitMs, longestWaitMs] = [10_000, 1_800_000]
const maxStopMs = 3000

/** Sends what waits in the store. A server that is away is tried again, less and less often, until the mail is worth nothing. */
export function startMailSender(options: MailSenderOptions): { stop(): Promise<void> } {
  const { store, wayOf, now, log, meter, intervalMs = 1000 } = options
  const counter = (outcome: string) =>
    meter.counter('portcullis_mails_total', 'Mails of the identity server, by what came of an attempt', { outcome })
  const counters = { sent: counter('sent'), postponed: counter('postponed'), given_up: counter('given_up') }
  let [waiting, failing, running] = [0, false, null as Promise<void> | null]
  meter.gauge('portcullis_mails_waiting', 'Mails of the identity server that wait to be sent', () => waiting)

  async function giveUp({ id, attempts }: WaitingMail, reason: string): Promise<void> {
    log.warn('mail_given_up', { mail: id, attempts, reason })
    counters.given_up.add()
    await store.remove(id)
  }

  async function send(mail: WaitingMail): Promise<void> {
    const { id, payload, attempts, expiresAt } = mail
    if (expiresAt <= now()) return giveUp(mail, 'what it says is worth nothing any more')
    const way = wayOf(toMailRealm(id))
    if (way === null) return giveUp(mail, 'its tenant sends no mails any more')
    try {
      await way.deliver((await way.payloads.open({ kind: mailKind, digest: id, payload })) as Mail)
    } catch (error) {
      if (error instanceof MailRefusedError) return giveUp(mail, error.message)
      const waitMs = Math.min(longestWaitMs, firstWaitMs * 2 ** Math.min(attempts - 1, 20))
      log.warn('mail_not_sent', { mail: id, attempts, waitMs, error })
      counters.postponed.add()
      return store.postpone(id, now() + waitMs)
    }
    counters.sent.add()
    await store.remove(id)
  }

  async function turn(): Promise<void> {
    try {
      await Promise.all((await store.take(now(), takenForMs, maxAtOnce)).map(send))
      waiting = await store.count()
      failing = false
    } catch (error) {
      // Said once: the next turn is a second away.
      if (!failing) log.error('mails_not_read', { error })
      failing = true
    }
  }

  const timer = setInterval(() => {
    running ??= turn().finally(() => {
      running = null
    })
  }, intervalMs).unref()
  return {
    async stop() {
      clearInterval(timer)
      const { promise, resolve } = Promise.withResolvers<void>()
      const late = setTimeout(resolve, maxStopMs)
      await Promise.race([running, promise])
      clearTimeout(late)
    },
  }
}
