import { z } from 'zod'

/** Who vouches for keys and accounts of the store, and for names in certificates. */
const own = ['portcullis', 'certificate']

/**
 * What an issuer calls itself. Callers are told apart by it: with a name of ours, or one that holds what separates it
 * from the caller's own id, somebody else's tokens could pass for a caller of another issuer.
 */
export function issuerName() {
  return z
    .string()
    .min(1)
    .max(2048)
    .refine((name) => !own.includes(name), {
      error: (issue) =>
        `"${String(issue.input)}" stands for callers of Portcullis itself: their rights would be those of its tokens`,
    })
    .refine((name) => !name.includes('|'), { error: 'must not hold a |' })
}
