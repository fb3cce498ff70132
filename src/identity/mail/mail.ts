/** A mail in plain text. */
export interface Mail {
  readonly to: string
  readonly subject: string
  readonly text: string
}

/** Hands a mail to who carries it; rejects where that failed. */
export type Deliver = (mail: Mail) => Promise<void>

/** The server will not take this mail, however often it is asked. */
export class MailRefusedError extends Error {}
