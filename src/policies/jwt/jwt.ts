import { absent, type FieldPairs, type Identification, type Refusal, refuse } from '../../core/decision.ts'
import type { Exchange } from '../../core/exchange.ts'
import type { Hooks, PolicyDeps } from '../../core/policy.ts'
import type { RevokedKind } from '../../stores/ports/revocation-store.ts'
import { createRevocationCheck } from '../revocation-check.ts'
import { bearerPrefix, readAuthorization, toCanonicalBearer } from './bearer.ts'
import { looksLikeToken } from './compact-token.ts'
import { createIssuer, type Issuer } from './issuer.ts'
import type { IssuersBlock } from './issuer-options.ts'
import type { JwtOptions } from './options.ts'
import { createVerifiedTokens, type VerifiedToken } from './verified-tokens.ts'
import { type TokenFailure, verifyToken } from './verify-token.ts'

/** After which a caller may try again while an issuer cannot be reached. */
const retryAfterSeconds = 5
/** Verifications that later requests with the same token may join. */
const maxShared = 4096

export async function createJwt(options: JwtOptions, deps: PolicyDeps): Promise<Hooks> {
  const issuers = await createIssuers(options, deps)
  const tokens = deps.shared('jwt:verified-tokens', () => createVerifiedTokens(deps))
  const revocations = createRevocationCheck(deps.provide)
  const running = new Map<string, Promise<VerifiedToken | TokenFailure>>()
  const challenge = `Bearer realm="${options.realm}"`
  // Alike for every reason (RFC 6750 section 3.1): which check failed is told to the log alone.
  const refusedHeaders: FieldPairs = [['www-authenticate', `${challenge}, error="invalid_token"`]]
  const { now } = deps

  function identify(exchange: Exchange): Identification | Promise<Identification> {
    const authorization = readAuthorization(exchange.headers)
    if (authorization === null) return absent
    if (typeof authorization !== 'string') return refuseToken('token_repeated', 'two Authorization fields')
    const known = tokens.find(authorization, issuers, now())
    return known === null ? identifyUnknown(exchange, authorization) : admit(exchange, known)
  }

  function identifyUnknown(exchange: Exchange, authorization: string): Identification | Promise<Identification> {
    const bearer = toCanonicalBearer(authorization)
    // Another scheme, or a bearer credential of another policy: an API key has no three parts.
    if (bearer === null || !looksLikeToken(bearer)) return absent
    const known = bearer === authorization ? null : tokens.find(bearer, issuers, now())
    return known === null ? identifyByVerification(exchange, bearer) : admit(exchange, known)
  }

  async function identifyByVerification(exchange: Exchange, bearer: string): Promise<Identification> {
    const result = await (running.get(bearer) ?? startVerification(bearer))
    return 'code' in result ? refuseToken(result.code, result.detail) : admit(exchange, result)
  }

  function startVerification(bearer: string): Promise<VerifiedToken | TokenFailure> {
    tokens.misses++
    const result = verifyAndRemember(bearer).finally(() => running.delete(bearer))
    if (running.size < maxShared) running.set(bearer, result)
    return result
  }

  async function verifyAndRemember(bearer: string): Promise<VerifiedToken | TokenFailure> {
    const result = await verifyToken(bearer.slice(bearerPrefix.length), { issuers, now })
    if (!('code' in result) && now() < result.expiresAt) tokens.add(bearer, result)
    return result
  }

  /** What was verified, now or before, is let in once it is known not to be revoked. */
  function admit(exchange: Exchange, token: VerifiedToken): Identification | Promise<Identification> {
    try {
      const revoked = revocations.find(token)
      if (!(revoked instanceof Promise)) return revoked === null ? accept(exchange, token) : refuseRevoked(revoked)
      return revoked.then((by) => (by === null ? accept(exchange, token) : refuseRevoked(by)), refuseForStore)
    } catch (error) {
      return refuseForStore(error)
    }
  }

  function refuseRevoked(by: RevokedKind): Refusal {
    return refuseToken('token_revoked', `by its ${by}`)
  }

  function refuseToken(code: string, detail: string): Refusal {
    // RFC 6750 has no word for it, and 401 would make callers throw good tokens away.
    if (code === 'dependency_down') return refuse(code, detail, { retryAfterSeconds })
    return refuse(code, detail, { headers: refusedHeaders })
  }

  return { identify, challenge }
}

/** Whoever cannot be checked is not let in, however well they were known before. */
function refuseForStore(error: unknown): Refusal {
  return refuse('dependency_down', `revocations: ${(error as Error).message}`, { retryAfterSeconds })
}

/** The token was consumed here: neither another policy nor the upstream sees it. */
function accept(exchange: Exchange, { identified }: VerifiedToken): Identification {
  exchange.headers.delete('authorization')
  return identified
}

async function createIssuers(options: JwtOptions, deps: PolicyDeps): Promise<ReadonlySet<Issuer>> {
  const block = deps.block<IssuersBlock | undefined>('issuers') ?? {}
  const names = options.issuers ?? Object.keys(block)
  const issuers = await Promise.all(
    names.map((name) => {
      const issuer = Object.hasOwn(block, name) ? block[name] : undefined
      if (issuer === undefined) throw new Error(`no issuer "${name}" is declared under \`issuers\``)
      return createIssuer(name, issuer, deps)
    }),
  )
  if (issuers.length === 0) throw new Error('the policy jwt needs at least one issuer under `issuers`')
  return new Set(issuers)
}
