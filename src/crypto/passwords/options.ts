import { z } from 'zod'
import { byteSize, secretReference } from '../../core/option-types.ts'
import { findParameterProblem, type HashParameters, maximums, minimums } from './parameters.ts'

const argon2id = z
  .strictObject({
    memory: byteSize({ min: '19MiB', max: '256MiB' })
      .prefault('19MiB')
      .describe('Memory that one hash takes, for as long as it takes.'),
    passes: z
      .int()
      .min(minimums.argon2id.passes)
      .max(maximums.passes)
      .default(2)
      .describe('How often it is gone over.'),
    lanes: z.int().min(1).max(maximums.lanes).default(1).describe('How many threads an attacker can use for one hash.'),
  })
  .describe('Argon2id (RFC 9106): what is used where nothing else is named.')

const bcrypt = z
  .strictObject({
    cost: z
      .int()
      .min(minimums.bcrypt.cost)
      .max(maximums.bcryptCost)
      .default(12)
      .describe('The binary logarithm of its rounds.'),
  })
  .describe('bcrypt: passwords of more than 72 bytes are refused unless there is a pepper.')

const pbkdf2 = z
  .strictObject({
    digest: z.enum(['sha256', 'sha512']).default('sha256').describe('The hash function below it.'),
    iterations: z
      .int()
      .max(maximums.iterations)
      .optional()
      .describe('At least, and without it, 600000 for SHA-256 and 210000 for SHA-512.'),
  })
  .describe('PBKDF2 (RFC 8018), for those who must use what FIPS 140 knows.')

const pepper = z.strictObject({
  id: z
    .string()
    .regex(/^[A-Za-z0-9_-]{1,32}$/, { error: 'must be up to 32 letters, digits, - and _' })
    .describe('Stands in the hashes that are made with it.'),
  key: secretReference().describe('32 random bytes in Base64 or hex (`openssl rand -base64 32`).'),
})

/** The block `passwords`. */
export const passwordOptions = z
  .strictObject({
    argon2id: argon2id.optional(),
    bcrypt: bcrypt.optional(),
    pbkdf2: pbkdf2.optional(),
    peppers: z
      .array(pepper)
      .max(8)
      .default([])
      .describe('The first is mixed into new hashes, the others into those that were made with them.'),
    maxWaiting: z.int().min(1).max(10_000).default(100).describe('How many passwords may wait for a thread.'),
  })
  .superRefine((block, context) => {
    const named = (['argon2id', 'bcrypt', 'pbkdf2'] as const).filter((name) => block[name] !== undefined)
    if (named.length > 1) {
      context.addIssue({
        code: 'custom',
        path: [named[1] as string],
        message: 'name one algorithm: hashes are made with one',
      })
      return
    }
    const problem = findParameterProblem(toHashParameters(block))
    if (problem !== null) context.addIssue({ code: 'custom', path: named, message: problem })
    const ids = block.peppers.map(({ id }) => id)
    const doubled = ids.findIndex((id, at) => ids.indexOf(id) !== at)
    if (doubled >= 0) {
      const message = `two peppers have the id "${ids[doubled]}"`
      context.addIssue({ code: 'custom', path: ['peppers', doubled, 'id'], message })
    }
  })

export type PasswordOptions = z.output<typeof passwordOptions>

/** What holds for a policy file without the block. */
export const defaultPasswordOptions: PasswordOptions = passwordOptions.parse({})

/** How new hashes are made. */
export function toHashParameters(block: Partial<PasswordOptions>): HashParameters {
  if (block.bcrypt !== undefined) return { algorithm: 'bcrypt', cost: block.bcrypt.cost }
  if (block.pbkdf2 !== undefined) {
    const { algorithm, iterations } = minimums[`pbkdf2-${block.pbkdf2.digest}`]
    return { algorithm, iterations: block.pbkdf2.iterations ?? iterations }
  }
  if (block.argon2id === undefined) return minimums.argon2id
  const { memory, passes, lanes } = block.argon2id
  return { algorithm: 'argon2id', memoryKiB: Math.floor(memory / 1024), passes, lanes }
}
