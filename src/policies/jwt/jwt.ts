import { absent, type FieldPairs, type Identification, type Refusal, refuse } from '../../core/decision.ts'
import type { Exchange } from '../../core/exchange.ts'
import type { Hooks, PolicyDeps } from '../../core/policy.ts'
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

/** One that began before a revocation is not joined after it. */
interface RunningVerification {
  readonly epoch: number
  readonly result: Promise<VerifiedToken | TokenFailure>
}

export async function createJwt(options: JwtOptions, deps: PolicyDeps): Promise<Hooks> {
  const issuers = await createIssuers(options, deps)
  const tokens = deps.shared('jwt:verified-tokens', () => createVerifiedTokens(deps))
  const running = new Map<string, RunningVerification>()
  const challenge = `Bearer realm="${options.realm}"`
  // Alike for every reason (RFC 6750 section 3.1): which check failed is told to the log alone.
  const refusedHeaders: FieldPairs = [['www-authenticate', `${challenge}, error="invalid_token"`]]
  const { now } = deps
  const bearers = deps.slot<string>()

  function identify(exchange: Exchange): Identification | Promise<Identification> {
    const authorization = readAuthorization(exchange.headers)
    if (authorization === null) return absent
    if (typeof authorization !== 'string') return refuseToken('token_repeated', 'two Authorization fields')
    const known = tokens.find(authorization, issuers, now())
    return known === null ? identifyUnknown(exchange, authorization) : accept(exchange, known, authorization)
  }

  function identifyUnknown(exchange: Exchange, authorization: string): Identification | Promise<Identification> {
    const bearer = toCanonicalBearer(authorization)
    // Another scheme, or a bearer credential of another policy: an API key has no three parts.
    if (bearer === null || !looksLikeToken(bearer)) return absent
    const known = bearer === authorization ? null : tokens.find(bearer, issuers, now())
    return known === null ? identifyByVerification(exchange, bearer) : accept(exchange, known, bearer)
  }

  async function identifyByVerification(exchange: Exchange, bearer: string): Promise<Identification> {
    const epoch = tokens.currentEpoch()
    const joined = running.get(bearer)
    const result = await (joined?.epoch === epoch ? joined.result : startVerification(bearer, epoch))
    return 'code' in result ? refuseToken(result.code, result.detail) : accept(exchange, result, bearer)
  }

  function startVerification(bearer: string, epoch: number): Promise<VerifiedToken | TokenFailure> {
    tokens.misses++
    const result = verifyAndRemember(bearer, epoch).finally(() => {
      if (running.get(bearer)?.result === result) running.delete(bearer)
    })
    if (running.size < maxShared) running.set(bearer, { epoch, result })
    return result
  }

  async function verifyAndRemember(bearer: string, epoch: number): Promise<VerifiedToken | TokenFailure> {
    const result = await verifyToken(bearer.slice(bearerPrefix.length), { issuers, now, epoch })
    if (!('code' in result) && now() < result.expiresAt) tokens.add(bearer, result)
    return result
  }

  function refuseToken(code: string, detail: string): Refusal {
    // RFC 6750 has no word for it, and 401 would make callers throw good tokens away.
    if (code === 'dependency_down') return refuse(code, detail, { retryAfterSeconds })
    return refuse(code, detail, { headers: refusedHeaders })
  }

  /** The token was consumed here: neither another policy nor the upstream sees it. */
  function accept(exchange: Exchange, { identified }: VerifiedToken, bearer: string): Identification {
    exchange.headers.delete('authorization')
    bearers.set(exchange, bearer)
    return identified
  }

  async function stillHolds(exchange: Exchange): Promise<boolean> {
    const bearer = bearers.get(exchange)
    if (bearer === undefined) return false
    if (tokens.find(bearer, issuers, now()) !== null) return true
    const epoch = tokens.currentEpoch()
    const joined = running.get(bearer)
    return !('code' in (await (joined?.epoch === epoch ? joined.result : startVerification(bearer, epoch))))
  }

  return { identify, stillHolds, challenge }
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
