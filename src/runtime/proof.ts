import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import { parseTarget } from '../core/path.ts'
import type { ProbeAnswer } from '../core/probe.ts'
import type { Proof } from '../gateway/compiled.ts'
import { decodeAnswer, encodeAnswer } from './proof-answer.ts'

/** How long a signed field is good for, in either direction of clock difference. */
const lifetimeMs = 60_000
const form = /^(\d{13})\.([A-Za-z0-9_-]{12})\.([A-Za-z0-9_-]{43})(?:\.([A-Za-z0-9_-]{1,5500}))?$/

/**
 * Signs the field by which a prober asks `forward` to answer instead of contacting the upstream: with 204, or with what
 * the upstream is to have said. It changes nothing else, so that what is proven is what is deployed.
 */
export function signProof(key: Buffer, method: string, path: string, nowMs: number, answer?: ProbeAnswer): string {
  const nonce = randomBytes(9).toString('base64url')
  const encoded = answer === undefined ? undefined : encodeAnswer(answer)
  const signature = digest(key, [String(nowMs), nonce, method, toMatchedPath(path)], encoded)
  return [nowMs, nonce, signature, ...(encoded === undefined ? [] : [encoded])].join('.')
}

/** As the deployment reads it: probes also spell paths differently, and those must stay from the upstream as well. */
function toMatchedPath(path: string): string {
  const target = parseTarget(path)
  return 'kind' in target ? path : target.path
}

/** What a field asks for; null where it was not signed for this method, path and time. */
export function readProof(key: Buffer, field: string, method: string, path: string, nowMs: number): Proof | null {
  const match = form.exec(field)
  if (match === null) return null
  const [, at, nonce, signature, encoded] = match as unknown as [string, string, string, string, string | undefined]
  if (Math.abs(nowMs - Number(at)) > lifetimeMs) return null
  const expected = digest(key, [at, nonce, method, path], encoded)
  if (!timingSafeEqual(Buffer.from(signature), Buffer.from(expected))) return null
  // One that is signed and cannot be given (of another version) still stays from the upstream.
  return { answer: encoded === undefined ? null : decodeAnswer(encoded) }
}

/** An answer is signed under a label of its own, so that none can be put to a proof that has none, or taken from it. */
function digest(key: Buffer, parts: readonly string[], encoded: string | undefined): string {
  const signed = encoded === undefined ? ['portcullis-proof', ...parts] : ['portcullis-answer', encoded, ...parts]
  return createHmac('sha256', key).update(signed.join('\n')).digest('base64url')
}
