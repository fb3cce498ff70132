/**
 * Why a ciphertext gave nothing.
 * - `malformed`: the text is no ciphertext.
 * - `key_unknown`: the ring has no key of that id.
 * - `not_authentic`: it was changed, or belongs to another context.
 */
export type DecryptionErrorCode = 'malformed' | 'key_unknown' | 'not_authentic'

/** The message holds neither the ciphertext nor what it stands for. */
export class DecryptionError extends Error {
  readonly code: DecryptionErrorCode

  constructor(code: DecryptionErrorCode, message: string) {
    super(message)
    this.name = 'DecryptionError'
    this.code = code
  }
}
