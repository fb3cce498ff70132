import type { HttpSignatureOptions } from './options.ts'
import type { Parameters } from './structured-field.ts'

type Limits = Pick<HttpSignatureOptions, 'maxAge' | 'clockSkew' | 'nonce'>

const maxNonceLength = 256

/** What is wrong with a signature's parameters (RFC 9421 section 2.3) at this moment; null where nothing is. */
export function checkTime(parameters: Parameters, { maxAge, clockSkew }: Limits, now: number): string | null {
  const [created, expires] = [parameters.get('created'), parameters.get('expires')]
  if (!isSeconds(created)) return 'it does not say when it was made (`created`)'
  const ageMs = now - created * 1000
  if (ageMs < -clockSkew) return `made ${-ageMs} ms ahead of our clock`
  if (ageMs > maxAge + clockSkew) return `made ${ageMs} ms ago`
  if (expires === undefined) return null
  if (!isSeconds(expires) || expires < created) return '`expires` is no time after `created`'
  return now > expires * 1000 + clockSkew ? 'expired' : null
}

export function checkNonce(parameters: Parameters, { nonce: need }: Limits): string | null {
  const nonce = parameters.get('nonce')
  if (nonce === undefined) return need === 'required' ? 'it has no nonce' : null
  return typeof nonce === 'string' && nonce.length <= maxNonceLength ? null : 'its nonce is no text, or too long'
}

function isSeconds(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0
}
