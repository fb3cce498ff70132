import { digestSecret } from '../../crypto/digest.ts'

const prefix = 'grant:'

/**
 * What a grant is called where others can read it: in the claim `sid` of access tokens, and in the list of revocations.
 * Its id would let nobody in, but is nobody's business either.
 */
export function toGrantName(grantId: string): string {
  return grantId.startsWith(prefix) ? grantId.slice(prefix.length) : digestSecret(grantId)
}

/** The id of a grant of which only its name is known. Nothing that comes from outside may be taken for one. */
export function fromGrantName(name: string): string {
  return prefix + name
}
