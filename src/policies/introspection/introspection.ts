import { createHash } from 'node:crypto'
import { absent, type FieldPairs, type Identification, type Refusal, refuse } from '../../core/decision.ts'
import type { Exchange } from '../../core/exchange.ts'
import type { Hooks, PolicyDeps } from '../../core/policy.ts'
import { apiKeyPrefix } from '../../crypto/api-key.ts'
import { looksLikeToken, maxTokenLength } from '../../crypto/tokens/compact-token.ts'
import type { RevokedKind } from '../../stores/ports/revocation-store.ts'
import { bearerPrefix, parsePresentedToken, readAuthorization, type TokenScheme } from '../authorization-field.ts'
import { isBoundAs } from '../required-binding.ts'
import { createRevocationCheck } from '../revocation-check.ts'
import { TooMuchWork } from './bounded-work.ts'
import { createClientAuthentication } from './client-authentication.ts'
import { type KnownToken, KnownTokens, type RefusedToken } from './known-tokens.ts'
import type { IntrospectionOptions } from './options.ts'

const retryAfterSeconds = 5
/** What is open is asked about as often as answers last, and no more often than this. */
const leastRecheckMs = 1_000
/** RFC 6750 section 2.1. */
const wellFormed = /^[A-Za-z0-9\-._~+/]+=*$/

/** Identifies callers by tokens that their issuer is asked about (RFC 7662). */
export async function createIntrospection(options: IntrospectionOptions, deps: PolicyDeps): Promise<Hooks> {
  const prove = await createClientAuthentication(options, deps)
  const tokens = deps.shared(`introspection:${await toIdentity(options, deps)}`, () => createTokens())
  const revocations = createRevocationCheck(deps.provide)
  const challenge = `Bearer realm="${options.realm}"`
  // Alike for every reason (RFC 6750 section 3.1): which check failed is told to the log alone.
  const refusedHeaders: Readonly<Record<TokenScheme, FieldPairs>> = {
    bearer: [['www-authenticate', `${challenge}, error="invalid_token"`]],
    dpop: [['www-authenticate', `DPoP realm="${options.realm}", error="invalid_token"`]],
  }
  const presentedText = deps.slot<string>()
  const admitted = deps.slot<KnownToken>()

  function createTokens(): KnownTokens {
    const made = new KnownTokens(options, prove, deps)
    const labels = { issuer: options.issuer }
    const { meter } = deps
    meter.gauge('portcullis_introspection_cached', 'Answers about tokens that are remembered', () => made.size, labels)
    meter.total(
      'portcullis_introspection_hits_total',
      'Tokens nobody had to be asked about',
      () => made.counts.hits,
      labels,
    )
    meter.total('portcullis_introspection_asked_total', 'Questions to the issuer', () => made.counts.asked, labels)
    meter.total(
      'portcullis_introspection_failed_total',
      'Questions without an answer',
      () => made.counts.failed,
      labels,
    )
    return made
  }

  function identify(exchange: Exchange): Identification | Promise<Identification> {
    const authorization = readAuthorization(exchange.headers)
    if (authorization === null) return absent
    if (typeof authorization !== 'string') return refuseToken('introspection_repeated', 'bearer')
    const presented = parsePresentedToken(authorization)
    if (presented === null || !isOurs(presented.canonical)) return absent
    const { scheme } = presented
    const token = presented.canonical.slice(bearerPrefix.length)
    if (token.length > maxTokenLength || !wellFormed.test(token)) return refuseToken('introspection_malformed', scheme)
    presentedText.set(exchange, token)
    const known = tokens.find(token)
    if (!(known instanceof Promise)) return admit(exchange, known, scheme)
    return known.then((learned) => admit(exchange, learned, scheme), refuseForIssuer)
  }

  /** API keys belong to `api-key`, and what has the form of a JWT to `jwt`: each token is claimed by one policy. */
  function isOurs(canonical: string): boolean {
    if (canonical.startsWith(apiKeyPrefix, bearerPrefix.length)) return false
    return options.tokens === 'all' || !looksLikeToken(canonical)
  }

  function admit(
    exchange: Exchange,
    token: KnownToken | RefusedToken,
    scheme: TokenScheme,
  ): Identification | Promise<Identification> {
    if ('code' in token) return refuseToken(token.code, scheme)
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
    token: KnownToken,
    scheme: TokenScheme,
    revoked: RevokedKind | null,
  ): Identification {
    if (revoked !== null) return refuseToken('introspection_revoked', scheme)
    const { identified } = token
    const { confirmation } = identified.principal
    if (!isBoundAs(confirmation, options.bound)) return refuseToken('introspection_unbound', scheme)
    admitted.set(exchange, token)
    if (scheme === 'bearer') {
      exchange.headers.delete('authorization')
      return identified
    }
    // The policy `dpop` consumes it with its proof. Without one, the core lets nobody pass.
    const bound = confirmation?.keyThumbprint ?? null
    return bound === null ? refuseToken('introspection_unbound', scheme) : identified
  }

  function refuseToken(code: string, scheme: TokenScheme): Refusal {
    return refuse(code, options.issuer, { headers: refusedHeaders[scheme] })
  }

  /** Nothing is known to be wrong with the token, so that callers must not throw it away. */
  function refuseForIssuer(error: unknown): Refusal {
    deps.log.warn('introspection_failed', { issuer: options.issuer, reason: (error as Error).message })
    return refuse('dependency_down', `${options.issuer} cannot be asked`, { retryAfterSeconds })
  }

  /** Asks the issuer where its last answer is too old, as for a request. */
  async function stillHolds(exchange: Exchange): Promise<boolean> {
    const [text, before] = [presentedText.get(exchange), admitted.get(exchange)]
    if (text === undefined || before === undefined || (await revocations.find(before)) !== null) return false
    try {
      return !('code' in (await tokens.find(text)))
    } catch (error) {
      // Much that is open must not end because all of it is asked about at once: it is asked about again.
      if (!(error instanceof TooMuchWork)) throw error
      return true
    }
  }

  return { identify, stillHolds, recheckMs: Math.max(options.lifetime, leastRecheckMs), challenge }
}

/** Whoever cannot be checked is not let in, however well they were known before. */
function refuseForStore(error: unknown): Refusal {
  return refuse('dependency_down', `revocations: ${(error as Error).message}`, { retryAfterSeconds })
}

/** Answers are shared by routes, and kept over reloads, where nothing about them differs, the client's secret included. */
async function toIdentity(options: IntrospectionOptions, { secret }: PolicyDeps): Promise<string> {
  const { client, realm, tokens, bound, ...rest } = options
  const value = await secret((client.key ?? client.secret) as string)
  return createHash('sha256')
    .update(JSON.stringify([rest, client, value]))
    .digest('hex')
}
