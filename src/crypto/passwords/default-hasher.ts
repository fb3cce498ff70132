import {
  createPasswordHasher,
  type OwnPasswordHasher,
  type PasswordCallOptions,
  type Verified,
} from './password-hasher.ts'

let opened: OwnPasswordHasher | null = null

/** One for the process, opened when it is first needed. */
function defaultHasher(): OwnPasswordHasher {
  opened ??= createPasswordHasher()
  return opened
}

/**
 * Hashes a password with Argon2id (19456 KiB, 2 passes) in a thread of its own.
 *
 * ```ts
 * import { hashPassword } from 'portcullis/crypto'
 *
 * const stored = await hashPassword('correct horse battery staple')
 * console.log(stored.slice(0, 30)) // $argon2id$v=19$m=19456,t=2,p=1
 * ```
 *
 * @returns the text to store; every call makes another one
 * @throws `PasswordError` `password_invalid` where it is empty or longer than 1024 bytes, `busy` where too many wait
 */
export function hashPassword(password: string, options?: PasswordCallOptions): Promise<string> {
  return defaultHasher().hash(password, options)
}

/**
 * Compares a password with what `hashPassword` or another program stored: Argon2id, Argon2i, bcrypt or PBKDF2. Where
 * `needsRehash` is true, store what `hashPassword` makes of the password now: the old hash is weaker.
 *
 * ```ts
 * import { verifyPassword } from 'portcullis/crypto'
 *
 * const stored = '$2b$06$m0CrhHm10qJ3lXRY.5zDGO3rS2KdeeWLuGmsfGlMfOxih58VYVfxe'
 * console.log(await verifyPassword('a', stored)) // { valid: true, needsRehash: true }
 * ```
 *
 * @throws `PasswordError` `hash_invalid` where the stored text is no hash, or asks for more than 256 MiB; `busy`
 */
export function verifyPassword(password: string, hash: string, options?: PasswordCallOptions): Promise<Verified> {
  return defaultHasher().verify(password, hash, options)
}

/**
 * What to call where the account does not exist: it takes as long as `verifyPassword` and is never valid, so that the
 * time of an answer does not tell which accounts there are (ASVS v5.0.0-6.3.8).
 *
 * ```ts
 * import { verifyNothing, verifyPassword } from 'portcullis/crypto'
 *
 * const account = new Map<string, string>().get('nobody')
 * const { valid } = await (account === undefined ? verifyNothing('guess') : verifyPassword('guess', account))
 * console.log(valid) // false
 * ```
 */
export function verifyNothing(password: string, options?: PasswordCallOptions): Promise<Verified> {
  return defaultHasher().verifyNothing(password, options)
}
