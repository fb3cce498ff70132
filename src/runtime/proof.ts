import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import { parseTarget } from '../core/path.ts'

/** How long a signed field is good for, in either direction of clock difference. */
const lifetimeMs = 60_000

/**
 * Signs the field by which a prober asks `forward` to answer 204 instead of contacting the upstream. It changes
 * nothing else, so that what is proven is what is deployed.
 */
export function signProof(key: Buffer, method: string, path: string, nowMs: number): string {
  const nonce = randomBytes(9).toString('base64url')
  return `${nowMs}.${nonce}.${digest(key, nowMs, nonce, method, toMatchedPath(path))}`
}

/** As the deployment reads it: probes also spell paths differently, and those must stay from the upstream as well. */
function toMatchedPath(path: string): string {
  const target = parseTarget(path)
  return 'kind' in target ? path : target.path
}

export function isProof(key: Buffer, field: string, method: string, path: string, nowMs: number): boolean {
  const match = /^(\d{13})\.([A-Za-z0-9_-]{12})\.([A-Za-z0-9_-]{43})$/.exec(field)
  if (match === null) return false
  const [, at, nonce, signature] = match as unknown as [string, string, string, string]
  if (Math.abs(nowMs - Number(at)) > lifetimeMs) return false
  const expected = digest(key, Number(at), nonce, method, path)
  return timingSafeEqual(Buffer.from(signature), Buffer.from(expected))
}

function digest(key: Buffer, at: number, nonce: string, method: string, path: string): string {
  return createHmac('sha256', key).update(`portcullis-proof\n${at}\n${nonce}\n${method}\n${path}`).digest('base64url')
}
