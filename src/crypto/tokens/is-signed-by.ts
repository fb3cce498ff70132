import { compactVerify, errors } from 'jose'
import type { Algorithm } from './algorithms.ts'
import type { VerificationKey } from './verification-key.ts'

/** Whether a key signed a token that was read by `parseCompactToken`. A key whose numbers are none signed nothing. */
export async function isSignedBy(text: string, algorithm: Algorithm, key: VerificationKey): Promise<boolean> {
  try {
    await compactVerify(text, await key.import(algorithm), { algorithms: [algorithm] })
    return true
  } catch (error) {
    if (error instanceof errors.JOSEError || error instanceof DOMException || error instanceof TypeError) return false
    throw error
  }
}
