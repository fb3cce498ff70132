import type { Adapter, AdapterPayload } from 'oidc-provider'
import Provider, { errors } from 'oidc-provider'
import { digestSecret } from '../../crypto/digest.ts'
import type { Artefact, ArtefactLookup, ArtefactStore } from '../../stores/ports/artefact-store.ts'
import type { Revocation } from '../../stores/ports/revocation-store.ts'
import { toGrantName } from '../tokens/grant-name.ts'
import type { StructuredTokens } from '../tokens/structured-tokens.ts'
import type { SealedPayloads } from './sealed-payloads.ts'
import { describeBrowser, type SeenBrowser } from './seen-browser.ts'
import type { Standing } from './standing.ts'

export interface AdapterDeps {
  readonly store: ArtefactStore
  readonly lookup: ArtefactLookup
  readonly payloads: SealedPayloads
  readonly now: () => number
  readonly stands: Standing
  /** What revokes the tokens of a grant that are kept nowhere. */
  readonly toRevocation: (grantName: string) => Revocation | null
  /** Signed tokens that are presented in a request that goes on. */
  readonly structured: Pick<StructuredTokens, 'find' | 'revoke'>
}

/** Kinds of which a signed token may be one. */
const structuredKinds = new Set(['AccessToken', 'ClientCredentials'])

/**
 * What oidc-provider keeps, in our store. Ids are kept as digests, because they are the codes and tokens themselves;
 * whatever else is known is sealed.
 */
export function createAdapter(kind: string, deps: AdapterDeps): Adapter {
  const { store, lookup, payloads, now, structured, stands } = deps
  const mayBeStructured = structuredKinds.has(kind)
  // The id of a grant never comes from outside, so that it may also be the digest itself.
  const toDigest = kind === 'Grant' ? toGrantName : payloads.digest

  async function open(artefact: Artefact | null): Promise<AdapterPayload | undefined> {
    if (artefact === null) return undefined
    const payload = (await payloads.open(artefact)) as AdapterPayload
    if (!(await stands(kind, payload))) return undefined
    const { consumedAt } = artefact
    return consumedAt === null ? payload : { ...payload, consumed: Math.floor(consumedAt / 1000) }
  }

  return {
    async upsert(id, payload, expiresIn) {
      const at = now()
      const { grantId, uid, userCode } = payload
      const artefact = {
        kind,
        digest: toDigest(id),
        payload: payloads.seal(kind, toDigest(id), kind === 'Session' ? { ...payload, seen: toSeen(at) } : payload),
        grant: typeof grantId === 'string' && kind !== 'Interaction' ? toGrantName(grantId) : null,
        uid: typeof uid === 'string' ? payloads.digest(uid) : null,
        userCode: typeof userCode === 'string' ? payloads.index(userCode) : null,
        expiresAt: typeof expiresIn === 'number' ? at + expiresIn * 1000 : null,
        account: toAccountDigest(payload),
      }
      // Two proofs that come at the same time were both looked for before either was stored.
      if (kind !== 'ReplayDetection') await store.put(artefact)
      else if (!(await store.add(artefact, at))) throw new errors.InvalidRequest('this proof was used before')
    },
    async find(id) {
      const presented = mayBeStructured ? structured.find(kind, id) : undefined
      return presented ?? open(await lookup.find(kind, toDigest(id)))
    },
    findByUid: async (uid) => open(await lookup.findByUid(kind, payloads.digest(uid))),
    findByUserCode: async (userCode) => open(await lookup.findByUserCode(kind, payloads.index(userCode))),

    async consume(id) {
      const digest = payloads.digest(id)
      if ((await store.consume(kind, digest, now())) === 'consumed') return
      // Somebody else was quicker, between the look at it and now: as with any code or token that comes twice, whoever
      // holds it may have stolen it (RFC 9700 section 4.14.2), so that everything issued under its grant ends.
      const payload = await open(await lookup.find(kind, digest))
      if (typeof payload?.grantId === 'string') await endGrant(payload.grantId, true)
      throw new errors.InvalidGrant('it was used already')
    },

    async destroy(id) {
      if (kind === 'Grant') return endGrant(id, true)
      if (mayBeStructured) await structured.revoke(id)
      await store.remove(kind, payloads.digest(id))
    },

    async revokeByGrantId(grantId) {
      // The library asks each kind in turn, and one call ends them all.
      if (kind === 'AccessToken') await endGrant(grantId, false)
    },
  }

  async function endGrant(grantId: string, wholly: boolean): Promise<void> {
    const grant = toGrantName(grantId)
    await store.endGrant({ grant, wholly, revocation: deps.toRevocation(grant) })
  }
}

/** A session is stored whenever it is used. */
function toSeen(at: number): SeenBrowser {
  return { browser: describeBrowser(Provider.ctx?.get('user-agent') ?? ''), at }
}

/** Whose it is: also that of a login that goes on, from the password on. */
function toAccountDigest({ accountId, result, session }: AdapterPayload): string | null {
  const login = result?.login as { readonly accountId?: unknown } | undefined
  const id = accountId ?? login?.accountId ?? session?.accountId
  return typeof id === 'string' ? digestSecret(id) : null
}
