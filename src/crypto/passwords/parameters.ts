/** How a password is hashed. Costs may be raised at any time: older hashes go on to hold and are renewed at log-in. */
export type HashParameters = Argon2Parameters | BcryptParameters | Pbkdf2Parameters

/** RFC 9106. `memoryKiB` and `passes` make it dear, `lanes` is how many threads an attacker's machine could use. */
export interface Argon2Parameters {
  readonly algorithm: 'argon2id'
  readonly memoryKiB: number
  readonly passes: number
  readonly lanes: number
}

export interface BcryptParameters {
  readonly algorithm: 'bcrypt'
  /** The binary logarithm of the number of rounds. */
  readonly cost: number
}

/** RFC 8018 section 5.2. For those who must use what FIPS 140 knows; Argon2id withstands far more. */
export interface Pbkdf2Parameters {
  readonly algorithm: 'pbkdf2-sha256' | 'pbkdf2-sha512'
  readonly iterations: number
}

/** The least that new hashes are made with (ASVS v5.0.0-11.4.2 and the OWASP cheat sheet that it follows). */
export const minimums = {
  argon2id: { algorithm: 'argon2id', memoryKiB: 19_456, passes: 2, lanes: 1 },
  bcrypt: { algorithm: 'bcrypt', cost: 10 },
  'pbkdf2-sha256': { algorithm: 'pbkdf2-sha256', iterations: 600_000 },
  'pbkdf2-sha512': { algorithm: 'pbkdf2-sha512', iterations: 210_000 },
} as const satisfies Record<HashParameters['algorithm'], HashParameters>

/**
 * The most that is ever worked on. A hash may come from an import or from somebody who wrote into the database: it must
 * not make this process use gigabytes or minutes.
 */
export const maximums = {
  memoryKiB: 262_144,
  passes: 24,
  lanes: 16,
  /** Memory times passes: what an Argon2 hash costs in time. */
  work: 2_097_152,
  bcryptCost: 16,
  iterations: 10_000_000,
} as const

/** What is wrong with the parameters of new hashes; null where nothing is. */
export function findParameterProblem(parameters: HashParameters): string | null {
  switch (parameters.algorithm) {
    case 'argon2id': {
      const { memoryKiB, passes, lanes } = parameters
      const least = minimums.argon2id
      return (
        findOutside('memoryKiB', memoryKiB, least.memoryKiB, maximums.memoryKiB) ??
        findOutside('passes', passes, least.passes, maximums.passes) ??
        findOutside('lanes', lanes, least.lanes, maximums.lanes) ??
        (memoryKiB * passes > maximums.work ? `memoryKiB × passes must not exceed ${maximums.work}` : null)
      )
    }
    case 'bcrypt':
      return findOutside('cost', parameters.cost, minimums.bcrypt.cost, maximums.bcryptCost)
    case 'pbkdf2-sha256':
    case 'pbkdf2-sha512':
      return findOutside(
        'iterations',
        parameters.iterations,
        minimums[parameters.algorithm].iterations,
        maximums.iterations,
      )
    default:
      return `the algorithm must be one of ${Object.keys(minimums).join(', ')}`
  }
}

function findOutside(name: string, value: number, least: number, most: number): string | null {
  if (Number.isInteger(value) && value >= least && value <= most) return null
  return `${name} must be a whole number from ${least} to ${most}`
}
