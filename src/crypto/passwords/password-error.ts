/**
 * Why a password was not hashed or compared.
 * - `busy`: more of them wait than the queue takes; answer 503 and let the caller try again.
 * - `closed`: the hasher was closed meanwhile.
 * - `failed`: the thread could not do it, for want of memory for example.
 * - `password_invalid`: it is empty, too long, or holds what the algorithm cannot tell apart.
 * - `hash_invalid`: what is stored is no hash that is read here, or one whose cost is out of bounds.
 */
export type PasswordErrorCode = 'busy' | 'closed' | 'failed' | 'password_invalid' | 'hash_invalid'

/** The message never holds a password or a hash. */
export class PasswordError extends Error {
  readonly code: PasswordErrorCode

  constructor(code: PasswordErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'PasswordError'
    this.code = code
  }
}

export function hashUnreadable(): PasswordError {
  return new PasswordError(
    'hash_invalid',
    'the stored hash is none of Argon2, bcrypt, PBKDF2 or scrypt in a form that is read here',
  )
}

export function hashTooDear(): PasswordError {
  return new PasswordError('hash_invalid', 'the stored hash asks for more memory or time than is allowed')
}
