/** Why a text cannot be made safe for a place. Stable. */
export type SanitizeErrorCode = 'too_long' | 'cannot_be_encoded' | 'not_in_list'

/** A text that has no safe form in the place it is meant for. The message never holds the text. */
export class SanitizeError extends Error {
  override readonly name = 'SanitizeError'
  readonly code: SanitizeErrorCode

  constructor(code: SanitizeErrorCode, message: string) {
    super(message)
    this.code = code
  }
}
