import { BoundedCache } from '../../core/bounded-cache.ts'
import { type Decision, type FieldPairs, next, type Refusal, refuse } from '../../core/decision.ts'
import type { Exchange } from '../../core/exchange.ts'
import type { Hooks, PolicyDeps } from '../../core/policy.ts'
import type { Principal } from '../../core/principal.ts'
import { algorithms } from '../../crypto/tokens/algorithms.ts'
import { isSignedBy } from '../../crypto/tokens/is-signed-by.ts'
import { parseVerificationKey, type VerificationKey } from '../../crypto/tokens/verification-key.ts'
import { dataFolderPort } from '../../stores/ports/data-folder.ts'
import { rateTable } from '../../stores/ports/rate-table.ts'
import { bearerPrefix, parsePresentedToken } from '../authorization-field.ts'
import { checkProof, type ProofRules, type UnsignedProof } from './check-proof.ts'
import type { DpopFailure } from './codes.ts'
import { readNonceKey } from './nonce-key.ts'
import { createNonces, type Nonces } from './nonces.ts'
import type { DpopOptions } from './options.ts'
import { createTargetMatch } from './target-uri.ts'

/** Keys of clients that were seen lately, prepared. */
const maxKeys = 5_000
/** So much longer than it could be accepted a proof is remembered: the table counts in steps. */
const replayMarginMs = 1_000
const retryAfterSeconds = 1

/** Demands the proof of the key that a credential is bound to (RFC 9449 section 7). */
export async function createDpop(options: DpopOptions, deps: PolicyDeps): Promise<Hooks> {
  const { now } = deps
  const keys = deps.shared('dpop:keys', () => new BoundedCache<VerificationKey>({ maxEntries: maxKeys }))
  const used = deps.provide(rateTable).open({
    id: 'dpop-replay',
    limit: 1,
    windowMs: options.maxAge + 2 * options.clockTolerance + replayMarginMs,
    burst: 1,
  })
  const nonces = options.nonce === 'off' ? null : createNonces(await readNonceKey(deps.provide(dataFolderPort).path))
  const outdated = deps.slot<true>()
  const rules: ProofRules = {
    algorithms: options.algorithms,
    maxAgeMs: options.maxAge,
    clockToleranceMs: options.clockTolerance,
    matches: createTargetMatch(options.origins ?? null),
  }
  const challenge = `DPoP algs="${options.algorithms.join(' ')}"`
  const invalidToken: FieldPairs = [
    ['www-authenticate', `DPoP error="invalid_token", algs="${options.algorithms.join(' ')}"`],
  ]
  const invalidProof: FieldPairs = [
    ['www-authenticate', `DPoP error="invalid_dpop_proof", algs="${options.algorithms.join(' ')}"`],
  ]
  const useNonce = ['www-authenticate', `DPoP error="use_dpop_nonce", algs="${options.algorithms.join(' ')}"`] as const

  function authenticate(exchange: Exchange): Decision | Promise<Decision> {
    const { principal, headers } = exchange
    if (principal === null) return next
    const proofs = headers.all('dpop')
    headers.delete('dpop')
    const thumbprint = principal.confirmation?.keyThumbprint ?? null
    if (thumbprint === null) {
      return options.required ? refuse('dpop_required', undefined, { headers: invalidToken }) : next
    }
    const presented = parsePresentedToken(headers.get('authorization') ?? '')
    headers.delete('authorization')
    if (presented?.scheme !== 'dpop') return refuse('dpop_scheme', undefined, { headers: invalidToken })
    const [proof] = proofs
    if (proof === undefined) return refuseProof('dpop_missing')
    if (proofs.length > 1) return refuseProof('dpop_repeated')
    const { method, scheme, host, path } = exchange
    const token = presented.canonical.slice(bearerPrefix.length)
    const checked = checkProof(proof, { method, scheme, host, path, token, thumbprint }, rules, now())
    if (checked === 'dpop_key') return refuse(checked, undefined, { headers: invalidToken })
    if (typeof checked === 'string') return refuseProof(checked)
    if (nonces !== null && !(checked.nonce !== null && nonces.accepts(checked.nonce, now()))) return refuseNonce(nonces)
    return verify(exchange, principal, thumbprint, proof, checked)
  }

  async function verify(
    exchange: Exchange,
    principal: Principal,
    thumbprint: string,
    text: string,
    proof: UnsignedProof,
  ): Promise<Decision> {
    const key = findKey(thumbprint, proof)
    if (key === null || !key.algorithms.includes(proof.algorithm)) return refuseProof('dpop_malformed')
    if (!(await isSignedBy(text, proof.algorithm, key))) return refuseProof('dpop_signature')
    try {
      // Last, so that only the holder of the key can use a proof up. A table that is full admits none.
      const taken = used.take(`${thumbprint}:${proof.id}`, 1, performance.now())
      // Read before anything else runs: a table may give its next answer in the same object.
      const admitted = taken instanceof Promise ? (await taken).admitted : taken.admitted
      if (!admitted) return refuseProof('dpop_replayed')
    } catch (error) {
      return refuse('dependency_down', `proofs that were used: ${(error as Error).message}`, { retryAfterSeconds })
    }
    if (nonces !== null && proof.nonce !== nonces.current(now())) outdated.set(exchange, true)
    // The principal that was there is remembered with its token, and answers requests without a proof as well.
    exchange.principal = Object.freeze({ ...principal, proofOfPossession: thumbprint })
    return next
  }

  /** A key is known by its thumbprint, which is made of all that it is. */
  function findKey(thumbprint: string, { jwk }: UnsignedProof): VerificationKey | null {
    const known = keys.get(thumbprint)
    if (known !== undefined) return known
    const key = parseVerificationKey({ ...jwk, kid: undefined }, algorithms)
    if ('unusable' in key) return null
    keys.set(thumbprint, key)
    return key
  }

  function refuseProof(code: DpopFailure): Refusal {
    return refuse(code, undefined, { headers: invalidProof })
  }

  function refuseNonce(from: Nonces): Refusal {
    return refuse('dpop_nonce', undefined, { headers: [useNonce, ['dpop-nonce', from.current(now())]] })
  }

  return {
    authenticate,
    challenge,
    ...(nonces !== null && {
      respond(exchange, answer) {
        if (outdated.get(exchange)) answer.headers.set('dpop-nonce', nonces.current(now()))
        return next
      },
    }),
  }
}
