import { absent, type FieldPairs, type Identification, type Refusal, refuse } from '../../core/decision.ts'
import type { Exchange } from '../../core/exchange.ts'
import type { Hooks, PolicyDeps } from '../../core/policy.ts'
import { looksLikeToken } from '../../crypto/tokens/compact-token.ts'
import type { RevokedKind } from '../../stores/ports/revocation-store.ts'
import { bearerPrefix, parsePresentedToken, readAuthorization, type TokenScheme } from '../authorization-field.ts'
import { isBoundAs } from '../required-binding.ts'
import { createRevocationCheck } from '../revocation-check.ts'
import { createIssuer, type Issuer } from './issuer.ts'
import type { IssuersBlock } from './issuer-options.ts'
import type { JwtOptions } from './options.ts'
import { createVerifiedTokens, hasEnded, type VerifiedToken } from './verified-tokens.ts'
import { type TokenFailure, verifyToken } from './verify-token.ts'

/** After which a caller may try again while an issuer cannot be reached. */
const retryAfterSeconds = 5
/** How often what is open is asked about though nothing was revoked here: its issuer may have taken back the key. */
const recheckMs = 60_000
/** Verifications that later requests with the same token may join. */
const maxShared = 4096

export async function createJwt(options: JwtOptions, deps: PolicyDeps): Promise<Hooks> {
  const issuers = await createIssuers(options, deps)
  const tokens = deps.shared('jwt:verified-tokens', () => createVerifiedTokens(deps))
  const revocations = createRevocationCheck(deps.provide)
  const running = new Map<string, Promise<VerifiedToken | TokenFailure>>()
  const challenge = `Bearer realm="${options.realm}"`
  // Alike for every reason (RFC 6750 section 3.1): which check failed is told to the log alone.
  const refusedHeaders: Readonly<Record<TokenScheme, FieldPairs>> = {
    bearer: [['www-authenticate', `${challenge}, error="invalid_token"`]],
    dpop: [['www-authenticate', `DPoP realm="${options.realm}", error="invalid_token"`]],
  }
  const { now } = deps
  const admitted = deps.slot<VerifiedToken>()

  function identify(exchange: Exchange): Identification | Promise<Identification> {
    const authorization = readAuthorization(exchange.headers)
    if (authorization === null) return absent
    if (typeof authorization !== 'string') return refuseToken('token_repeated', 'two Authorization fields', 'bearer')
    const known = tokens.find(authorization, issuers, now())
    return known === null ? identifyUnknown(exchange, authorization) : admit(exchange, known, 'bearer')
  }

  function identifyUnknown(exchange: Exchange, authorization: string): Identification | Promise<Identification> {
    const presented = parsePresentedToken(authorization)
    // Another scheme, or a bearer credential of another policy: an API key has no three parts.
    if (presented === null || !looksLikeToken(presented.canonical)) return absent
    const { canonical, scheme } = presented
    const known = canonical === authorization ? null : tokens.find(canonical, issuers, now())
    return known === null ? identifyByVerification(exchange, canonical, scheme) : admit(exchange, known, scheme)
  }

  async function identifyByVerification(
    exchange: Exchange,
    bearer: string,
    scheme: TokenScheme,
  ): Promise<Identification> {
    const result = await (running.get(bearer) ?? startVerification(bearer))
    return 'code' in result ? refuseToken(result.code, result.detail, scheme) : admit(exchange, result, scheme)
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
  function admit(
    exchange: Exchange,
    token: VerifiedToken,
    scheme: TokenScheme,
  ): Identification | Promise<Identification> {
    try {
      const revoked = revocations.find(token)
      if (!(revoked instanceof Promise)) return conclude(exchange, token, scheme, revoked)
      return revoked.then((by) => conclude(exchange, token, scheme, by), refuseForStore)
    } catch (error) {
      return refuseForStore(error)
    }
  }

  function conclude(
    exchange: Exchange,
    token: VerifiedToken,
    scheme: TokenScheme,
    revoked: RevokedKind | null,
  ): Identification {
    if (revoked !== null) return refuseToken('token_revoked', `by its ${revoked}`, scheme)
    const { identified } = token
    const { confirmation } = identified.principal
    if (!isBoundAs(confirmation, options.bound)) return refuseToken('token_unbound', `bound: ${options.bound}`, scheme)
    admitted.set(exchange, token)
    if (scheme === 'bearer') {
      // The token was consumed here: neither another policy nor the upstream sees it.
      exchange.headers.delete('authorization')
      return identified
    }
    // The policy `dpop` consumes it with its proof. Without one, the core lets nobody pass.
    const bound = confirmation?.keyThumbprint ?? null
    return bound === null ? refuseToken('token_unbound', 'it came with the scheme DPoP', scheme) : identified
  }

  function refuseToken(code: string, detail: string, scheme: TokenScheme): Refusal {
    // RFC 6750 has no word for it, and 401 would make callers throw good tokens away.
    if (code === 'dependency_down') return refuse(code, detail, { retryAfterSeconds })
    return refuse(code, detail, { headers: refusedHeaders[scheme] })
  }

  /** As for a request with a token that is remembered: its signature is not verified anew. */
  async function stillHolds(exchange: Exchange): Promise<boolean> {
    const token = admitted.get(exchange)
    if (token === undefined || hasEnded(token, now())) return false
    // Nobody may have asked for the issuer's keys since; those that come may lack the one that signed.
    if (!(await token.issuer.keys.becomeUsable(now())) || hasEnded(token, now())) return false
    return (await revocations.find(token)) === null
  }

  return { identify, stillHolds, recheckMs, challenge }
}

/** Whoever cannot be checked is not let in, however well they were known before. */
function refuseForStore(error: unknown): Refusal {
  return refuse('dependency_down', `revocations: ${(error as Error).message}`, { retryAfterSeconds })
}

async function createIssuers(options: JwtOptions, deps: PolicyDeps): Promise<ReadonlySet<Issuer>> {
  const block = deps.block<IssuersBlock | undefined>('issuers') ?? {}
  const names = options.issuers ?? Object.keys(block).filter((name) => block[name]?.ofTenant === undefined)
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
