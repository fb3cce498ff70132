import { createEmptyBody, type RequestBody } from '../core/body.ts'
import { refuse } from '../core/decision.ts'

/** A body that is there already, for requests that nobody sent. */
export function createGivenBody(bytes: Uint8Array | undefined): RequestBody {
  if (bytes === undefined || bytes.length === 0) return createEmptyBody()
  const body = {
    declaredLength: bytes.length,
    maxBytes: Number.POSITIVE_INFINITY,
    bytes,
    async collect(limitBytes: number) {
      return bytes.length > Math.min(limitBytes, body.maxBytes) ? refuse('body_too_large') : bytes
    },
    inspect() {},
  }
  return body
}
