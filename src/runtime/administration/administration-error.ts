/**
 * Why something was not done.
 * - `unknown`: there is no such account, client, session or tenant.
 * - `taken`: there is one of that name already.
 * - `invalid`: what was given breaks a rule; the message says which.
 */
export type AdministrationErrorCode = 'unknown' | 'taken' | 'invalid'

/** The message never holds a password or a secret. */
export class AdministrationError extends Error {
  override readonly name = 'AdministrationError'
  readonly code: AdministrationErrorCode

  constructor(code: AdministrationErrorCode, message: string) {
    super(message)
    this.code = code
  }
}
