import { createEmptyBody, type RequestBody } from '../core/body.ts'
import { refuse } from '../core/decision.ts'

/** A body that is there already, for requests that nobody sent. */
export function createGivenBody(bytes: Uint8Array | undefined): RequestBody {
  if (bytes === undefined || bytes.length === 0) return createEmptyBody()
  let given = bytes
  const body: RequestBody = {
    declaredLength: bytes.length,
    maxBytes: Number.POSITIVE_INFINITY,
    get bytes() {
      return given
    },
    replace(other) {
      given = other
    },
    async collect(limitBytes) {
      return bytes.length > Math.min(limitBytes, body.maxBytes) ? refuse('body_too_large') : given
    },
    inspect() {},
  }
  return body
}
