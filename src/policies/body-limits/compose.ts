import type { Composition } from '../../core/policy.ts'
import type { BodyLimitsOptions } from './options.ts'

const limits = [
  'maxBytes',
  'maxDecompressedBytes',
  'maxUrlBytes',
  'maxQueryParameters',
  'maxHeaders',
  'maxHeaderBytes',
] as const satisfies (keyof BodyLimitsOptions)[]

/** A route's options replace the inherited ones, so each of them must be at least as tight. */
export function composeBodyLimits(inherited: BodyLimitsOptions, own: BodyLimitsOptions): Composition {
  const tighter =
    limits.every((limit) => own[limit] <= inherited[limit]) &&
    own.encodings.every((coding) => inherited.encodings.includes(coding)) &&
    (own.unsafeAllowUnknownEncodings === undefined || inherited.unsafeAllowUnknownEncodings !== undefined)
  return tighter ? 'tighter' : 'looser'
}
