import { HashPool, type HashPoolOptions } from './hash-pool.ts'
import { needsRehash } from './needs-rehash.ts'
import { findParameterProblem, type HashParameters, minimums } from './parameters.ts'
import { checkFits, maxPasswordBytes, pepperBytes, toCandidates, toPasswordBytes } from './password-bytes.ts'
import { PasswordError } from './password-error.ts'
import { parsePasswordHash } from './password-hash.ts'
import { formatPeppered, indexPeppers, type Pepper, parsePeppered } from './pepper.ts'

export interface PasswordHasherOptions extends HashPoolOptions {
  /** How new hashes are made. Default: Argon2id with 19456 KiB, 2 passes, 1 lane. */
  readonly parameters?: HashParameters
  /** The first is mixed into new hashes, the others into those that were made with them. */
  readonly peppers?: readonly Pepper[]
}

/** What a stored hash said of a password. */
export interface Verified {
  readonly valid: boolean
  /** True where it is valid and should be replaced by what `hash` makes of the password now. */
  readonly needsRehash: boolean
}

export interface PasswordCallOptions {
  /** Takes back what still waits for a thread. */
  readonly signal?: AbortSignal
}

/** Hashes passwords and compares them with stored hashes; rejects with a `PasswordError`. */
export interface PasswordHasher {
  /** @returns the text to store, with its algorithm, costs and salt in it */
  hash(password: string, options?: PasswordCallOptions): Promise<string>
  verify(password: string, hash: string, options?: PasswordCallOptions): Promise<Verified>
  /**
   * Does what `verify` does, for an account that does not exist, and answers that the password is wrong: otherwise the
   * time of an answer would tell which accounts there are.
   */
  verifyNothing(password: string, options?: PasswordCallOptions): Promise<Verified>
}

/** A hasher with threads of its own. */
export interface OwnPasswordHasher extends PasswordHasher {
  /** How many calls wait for a thread, for a gauge. */
  readonly waiting: number
  readonly running: number
  /** Ends its threads; calls that have not ended are rejected. */
  close(): Promise<void>
}

const wrong: Verified = Object.freeze({ valid: false, needsRehash: false })

/**
 * Opens a hasher. Its threads start with the first call and never keep the process alive by themselves.
 * @throws where the parameters are weaker than the minimum, or a pepper cannot be used
 */
export function createPasswordHasher(options: PasswordHasherOptions = {}): OwnPasswordHasher {
  const { parameters = minimums.argon2id, peppers = [] } = options
  const problem = findParameterProblem(parameters)
  if (problem !== null) throw new TypeError(problem)
  const keys = indexPeppers(peppers)
  const present = peppers[0] ?? null
  const pool = new HashPool(options)

  return {
    async hash(password, { signal } = {}) {
      const bytes = toPasswordBytes(password)
      if (bytes === null) {
        const message = `a password has from 1 to ${maxPasswordBytes} bytes of Unicode text`
        throw new PasswordError('password_invalid', message)
      }
      const input = present === null ? bytes : pepperBytes(bytes, present.key)
      checkFits(input, parameters)
      const hash = (await pool.run({ kind: 'hash', parameters, password: input }, signal)) as string
      return formatPeppered({ pepperId: present?.id ?? null, hash })
    },

    async verify(password, stored, { signal } = {}) {
      const { pepperId, hash } = parsePeppered(stored)
      const parsed = parsePasswordHash(hash)
      const key = pepperId === null ? null : keys.get(pepperId)
      if (key === undefined) {
        throw new PasswordError(
          'hash_invalid',
          `the stored hash was made with the pepper "${pepperId}", which is missing`,
        )
      }
      const candidates = toCandidates(password)
      if (candidates.length === 0) return wrong
      const passwords = key === null ? candidates : candidates.map((bytes) => pepperBytes(bytes, key))
      const at = (await pool.run({ kind: 'match', hash, passwords }, signal)) as number
      if (at < 0) return wrong
      const isOld = at > 0 || pepperId !== (present?.id ?? null) || needsRehash(parsed, parameters)
      return { valid: true, needsRehash: isOld }
    },

    async verifyNothing(password, { signal } = {}) {
      const candidates = toCandidates(password)
      if (candidates.length === 0) return wrong
      const key = present?.key ?? null
      const passwords = candidates.map((bytes) => pepperBytes(bytes, key ?? nothing))
      await pool.run({ kind: 'nothing', parameters, passwords }, signal)
      return wrong
    },

    get waiting() {
      return pool.waiting
    },
    get running() {
      return pool.running
    },
    close: () => pool.close(),
  }
}

/** Stands for a pepper where there is none; it also keeps what is hashed for nobody short enough for bcrypt. */
const nothing = new Uint8Array(32)
