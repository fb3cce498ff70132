import { randomUUID } from 'node:crypto'
import type { MintedCredential, MintRequest, PolicyDeps, Unminted } from '../../core/policy.ts'
import type { SecretsOptions } from '../../crypto/master/options.ts'
import { keyRingsPort, type LiveKeyRing } from '../../crypto/ring/live-key-ring.ts'
import { createSessionSecret } from '../../crypto/session-secret.ts'
import { artefactStorePort } from '../../stores/ports/artefact-store.ts'
import { type SessionCaller, sessionStorePort } from '../../stores/ports/session-store.ts'
import { pageFields } from '../page-fields.ts'
import { tieToTokens } from '../session-origin.ts'
import { readSettings } from '../sessions-block.ts'
import { type BrowserLoginOptions, ownIssuerName } from './options.ts'
import { sealTokens, tokensKind, toTokensDigest } from './sealed-tokens.ts'
import type { Tokens } from './tokens.ts'

/** For this principal stand the sessions that `prove` makes for itself. */
const owner = 'portcullis-prove'
const maxLifetimeSeconds = 60

/**
 * Makes a session that lives for at most a minute, as a login makes it, and logs that. Its tokens are sealed with the
 * deployment's keys and are none of the issuer's: they open nothing but the routes of this file.
 */
export async function mint(
  { issuer }: BrowserLoginOptions,
  request: MintRequest,
  deps: PolicyDeps,
): Promise<MintedCredential | Unminted> {
  const { provide, block, now, log } = deps
  const ring = await openRing(deps)
  if ('missing' in ring) return ring
  const [sessions, artefacts] = [provide(sessionStorePort), provide(artefactStorePort)]
  const createdAt = now()
  const lifetimeMs = Math.min(request.lifetimeSeconds, maxLifetimeSeconds) * 1000
  const endsAt = createdAt + lifetimeMs
  const { text, id, digest } = createSessionSecret()
  const tokens = toTokens(request, issuer === ownIssuerName ? block<{ issuer: string }>('identity').issuer : issuer, {
    createdAt,
    endsAt,
  })
  await artefacts.put(sealTokens(id, tokens, ring))
  await sessions.create({
    id,
    digest,
    caller: tieToTokens(tokens.caller),
    createdAt,
    idleMs: lifetimeMs,
    endsAt,
    userAgent: null,
    address: null,
    maxPerPrincipal: 100,
  })
  const { roles, scopes } = request
  log.info('browser_login_minted', { session: id, principal: owner, roles, scopes })
  return {
    headers: [['cookie', `${readSettings(block).cookie}=${text}`]],
    page: pageFields,
    id,
    async revoke() {
      await sessions.revoke(id, now())
      await artefacts.remove(tokensKind, toTokensDigest(id))
      log.info('session_ended', { session: id })
    },
  }
}

/** The ring that the deployment itself seals with; a prober makes none. */
async function openRing({ provide, block, secret }: PolicyDeps): Promise<LiveKeyRing | Unminted> {
  try {
    return await provide(keyRingsPort).open(block<SecretsOptions>('secrets'), secret)
  } catch (error) {
    return { missing: `sessions are sealed with keys that cannot be opened here: ${(error as Error).message}` }
  }
}

/** Nothing renews them, and nobody who asks the issuer for them finds them there. */
function toTokens(
  { roles, scopes, tenant, assurance }: MintRequest,
  issuer: string,
  { createdAt, endsAt }: { readonly createdAt: number; readonly endsAt: number },
): Tokens {
  const tokenId = randomUUID()
  const caller: SessionCaller = {
    ...{ id: owner, kind: 'user', issuer, tenant: tenant ?? null, roles, scopes, attributes: {} },
    assurance: assurance ?? null,
    authenticatedAt: createdAt,
  }
  return {
    generation: 1,
    caller,
    login: { at: createdAt, authenticatedAt: assurance === undefined ? null : createdAt, asked: {} },
    accessToken: tokenId,
    refreshToken: null,
    idToken: tokenId,
    issuedAt: createdAt,
    expiresAt: endsAt,
    endsAt,
    revocable: { issuer, tokenId, sessionId: null, subject: owner, issuedAt: createdAt },
    grant: null,
    account: null,
    keptBeside: false,
    told: {},
  }
}
