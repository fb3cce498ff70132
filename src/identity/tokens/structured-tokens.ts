import { randomUUID } from 'node:crypto'
import { createLocalJWKSet, type JWK, type JWTPayload, jwtVerify } from 'jose'
import type { AdapterPayload } from 'oidc-provider'
import type { RevocationLookup, RevocationStore } from '../../stores/ports/revocation-store.ts'
import { fromGrantName } from './grant-name.ts'

export interface StructuredTokensOptions {
  readonly issuer: string
  readonly revocations: RevocationStore
  readonly lookup: RevocationLookup
  readonly now: () => number
}

/** A token that was presented, as long as the request takes. */
interface Presented {
  readonly payload: AdapterPayload
  readonly jti: string
}

/**
 * Signed access tokens are kept nowhere, and oidc-provider refuses to look into them or to revoke them. Here one that is
 * presented is verified and given a name of its own for the time of one request, under which it is found like a token
 * that is kept; what revokes it goes into the list of revocations, which every route follows.
 */
export class StructuredTokens {
  readonly #options: StructuredTokensOptions
  readonly #presented = new Map<string, Presented>()

  constructor(options: StructuredTokensOptions) {
    this.#options = options
  }

  /** The name of a token for one request; null where it is none of ours, or says nothing any more. */
  async present(token: string, keys: readonly JWK[]): Promise<string | null> {
    const payload = await this.read(token, keys)
    if (payload === null) return null
    const name = randomUUID()
    this.#presented.set(name, { payload, jti: payload.jti as string })
    return name
  }

  /** What a token says, as one that is kept would have been stored; null as above. */
  async read(token: string, keys: readonly JWK[]): Promise<AdapterPayload | null> {
    const { issuer, now } = this.#options
    const set = createLocalJWKSet({ keys: keys.map(({ d: _, ...publicKey }) => publicKey) })
    const options = { issuer, typ: 'at+jwt', algorithms: ['ES256'], currentDate: new Date(now()) }
    const verified = await jwtVerify(token, set, options).catch(() => null)
    if (verified === null) return null
    const payload = toPayload(verified.payload)
    return payload === null || (await this.#isRevoked(verified.payload)) ? null : payload
  }

  /** The request has ended. */
  forget(name: string): void {
    this.#presented.delete(name)
  }

  find(kind: string, name: string): AdapterPayload | undefined {
    const payload = this.#presented.get(name)?.payload
    return payload?.kind === kind ? payload : undefined
  }

  /** Ends a token that is presented now. */
  async revoke(jti: string): Promise<void> {
    const { issuer, revocations, now } = this.#options
    const presented = [...this.#presented.values()].find((one) => one.jti === jti)
    if (presented === undefined) return
    const common = { issuer, revokedAt: now(), issuedUntil: null, reason: 'revoked by its client' }
    await revocations.revoke({ ...common, kind: 'token', value: jti, endsAt: (presented.payload.exp as number) * 1000 })
  }

  async #isRevoked({ jti, sid, sub, iat, client_id: clientId }: JWTPayload): Promise<boolean> {
    const { issuer, lookup } = this.#options
    const token = {
      issuer,
      tokenId: jti as string,
      sessionId: typeof sid === 'string' ? sid : null,
      subject: sub as string,
      clientId: clientId as string,
      issuedAt: (iat as number) * 1000,
    }
    return (await lookup.find(token)) !== null
  }
}

/** As a token that is kept would have been stored. */
function toPayload({
  jti,
  sub,
  iat,
  exp,
  aud,
  client_id: clientId,
  scope,
  sid,
  cnf,
  act,
}: JWTPayload): AdapterPayload | null {
  if (typeof jti !== 'string' || typeof clientId !== 'string' || typeof exp !== 'number') return null
  const common = {
    jti,
    iat,
    exp,
    clientId,
    aud,
    scope,
    format: 'opaque',
    // To a key, or to a certificate: the library calls them as the claim does.
    ...(cnf as { readonly jkt?: string; readonly 'x5t#S256'?: string } | undefined),
    ...(act !== undefined && { extra: { act } }),
  }
  // Without a grant, nobody but the client itself stands behind it.
  if (typeof sid !== 'string') return { ...common, kind: 'ClientCredentials' } as AdapterPayload
  return { ...common, kind: 'AccessToken', accountId: sub, grantId: fromGrantName(sid) } as AdapterPayload
}
