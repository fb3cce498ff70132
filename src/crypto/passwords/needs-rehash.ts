import type { HashParameters } from './parameters.ts'
import type { PasswordHash } from './password-hash.ts'

/** Whether a stored hash is weaker than, or of another kind than, those that are made now. Stronger ones are kept. */
export function needsRehash(hash: PasswordHash, wanted: HashParameters): boolean {
  if (hash.algorithm !== wanted.algorithm) return true
  switch (wanted.algorithm) {
    case 'argon2id': {
      const { memoryKiB, passes, lanes, salt, digest } = hash as PasswordHash & { algorithm: 'argon2id' }
      const isCheaper = memoryKiB < wanted.memoryKiB || passes < wanted.passes || lanes < wanted.lanes
      return isCheaper || salt.length < 16 || digest.length < 32
    }
    case 'bcrypt':
      return (hash as PasswordHash & { algorithm: 'bcrypt' }).cost < wanted.cost
    default: {
      const { iterations, salt, digest } = hash as PasswordHash & { algorithm: 'pbkdf2-sha256' }
      return iterations < wanted.iterations || salt.length < 16 || digest.length < 32
    }
  }
}
