import { createHash } from 'node:crypto'
import { absent, type Decision, type Identification, next, refuse } from '../../core/decision.ts'
import type { Exchange } from '../../core/exchange.ts'
import type { Hooks, PolicyDeps } from '../../core/policy.ts'
import { rateTable } from '../../stores/ports/rate-table.ts'
import { checkNonce, checkTime } from './check-parameters.ts'
import { createSignatureBase } from './components.ts'
import { isContentDigest } from './content-digest.ts'
import { findUncovered } from './coverage.ts'
import type { HttpSignatureOptions } from './options.ts'
import { type PresentedSignature, selectSignature } from './select-signature.ts'
import { openKeys, type SignatureKey } from './signature-keys.ts'

/** What is left to do once the head has been verified. */
interface Pending {
  /** What is remembered of it: no two signed contents share it. */
  readonly replayKey: string
  readonly digest: string | null
}

const retryAfterSeconds = 1

export async function createHttpSignature(options: HttpSignatureOptions, deps: PolicyDeps): Promise<Hooks> {
  const keys = await openKeys(options.keys, deps)
  const pending = deps.slot<Pending>()
  const { now } = deps
  const seen = options.replay === 'allow' ? null : openReplayTable(options, deps)

  function identify(exchange: Exchange): Identification {
    const presented = selectSignature(exchange.headers, options.tag, (keyId) => keys.has(keyId))
    if (presented === null) return absent
    if ('kind' in presented) return presented
    return verify(exchange, presented, keys.get(presented.keyId) as SignatureKey)
  }

  function verify(
    exchange: Exchange,
    { keyId, covered, signature }: PresentedSignature,
    key: SignatureKey,
  ): Identification {
    const { parameters } = covered
    const algorithm = parameters.get('alg')
    if (algorithm !== undefined && algorithm !== key.algorithm) return refuse('http_signature_wrong', 'another `alg`')
    const hasBody = exchange.body.declaredLength !== 0
    const uncovered = findUncovered(covered, hasBody ? [...options.components, 'content-digest'] : options.components)
    if (uncovered !== null) return refuse('http_signature_incomplete', `"${uncovered}" is not covered`)
    const nonceProblem = checkNonce(parameters, options)
    if (nonceProblem !== null) return refuse('http_signature_incomplete', nonceProblem)
    const timeProblem = checkTime(parameters, options, now())
    if (timeProblem !== null) return refuse('http_signature_time', timeProblem)
    const base = createSignatureBase(exchange, covered)
    if (typeof base !== 'string') return refuse('http_signature_incomplete', base.problem)
    if (!key.isSignature(base, signature)) return refuse('http_signature_wrong', keyId)
    const coversDigest = covered.items.some(({ value }) => value === 'content-digest')
    pending.set(exchange, {
      // Not the signature's own bytes: of some algorithms, one content has several good signatures.
      replayKey: createHash('sha256').update(`${keyId}\n${base}`).digest('base64url'),
      digest: coversDigest ? exchange.headers.all('content-digest').join(', ') : null,
    })
    exchange.headers.delete('signature')
    exchange.headers.delete('signature-input')
    return key.caller
  }

  /** Runs once it is certain that this is the only credential, and holds no body for anybody else. */
  async function finish(exchange: Exchange, { digest, replayKey }: Pending): Promise<Decision> {
    if (digest !== null) {
      const body = await exchange.body.collect(options.maxBody)
      if ('kind' in body) return body
      if (!isContentDigest(digest, body)) return refuse('http_signature_digest')
    }
    if (seen === null) return next
    try {
      const taken = seen.take(replayKey, 1, performance.now())
      // Read before anything else runs: a table may give its next answer in the same object.
      const admitted = taken instanceof Promise ? (await taken).admitted : taken.admitted
      return admitted ? next : refuse('http_signature_replayed')
    } catch (error) {
      return refuse('dependency_down', `replays cannot be told: ${(error as Error).message}`, { retryAfterSeconds })
    }
  }

  return {
    identify,
    authenticate(exchange) {
      const left = pending.get(exchange)
      return left === undefined ? next : finish(exchange, left)
    },
    waitsForBody: true,
    challenge: 'Signature realm="api"',
  }
}

/** Remembers a request for as long as its signature could be accepted; when it is full, nothing new is. */
function openReplayTable({ maxAge, clockSkew }: HttpSignatureOptions, { provide }: PolicyDeps) {
  const windowMs = maxAge + 2 * clockSkew + 1_000
  return provide(rateTable).open({ id: 'http-signature:replay', limit: 1, windowMs, burst: 1 })
}
