import { definePort } from '../../core/ports.ts'

/** A mail that waits to be sent. Times are epoch milliseconds. */
export interface WaitingMail {
  readonly id: string
  /** Sealed: it holds what opens an account. */
  readonly payload: string
  /** How often it was taken to be sent. */
  readonly attempts: number
  /** What it says is worth nothing from then on. */
  readonly expiresAt: number
}

export interface NewMail extends Omit<WaitingMail, 'attempts'> {
  /** When it is to be sent first. */
  readonly at: number
}

/** Mails on their way to the mail server. Everything rejects with a `StoreError` when the store cannot. */
export interface MailStore {
  /** Rejects with `overloaded` while too many wait. */
  add(mail: NewMail): Promise<void>
  /** Takes what is due, so many at most, from everybody else for so long: until then it is sent, or anybody's again. */
  take(now: number, forMs: number, limit: number): Promise<WaitingMail[]>
  /** It was sent, or never will be. */
  remove(id: string): Promise<void>
  postpone(id: string, until: number): Promise<void>
  count(): Promise<number>
}

export const mailStorePort = definePort<MailStore>('mail-store')
