import type { Adapter, AdapterPayload } from 'oidc-provider'
import { errors } from 'oidc-provider'
import { digestSecret } from '../../crypto/digest.ts'
import type { Artefact, ArtefactLookup, ArtefactStore } from '../../stores/ports/artefact-store.ts'
import type { Revocation } from '../../stores/ports/revocation-store.ts'
import type { SealedPayloads } from './sealed-payloads.ts'

export interface AdapterDeps {
  readonly store: ArtefactStore
  readonly lookup: ArtefactLookup
  readonly payloads: SealedPayloads
  readonly now: () => number
  /** What revokes the tokens of a grant that are kept nowhere. */
  readonly toRevocation: (grantId: string) => Revocation | null
}

/**
 * What oidc-provider keeps, in our store. Ids are kept as digests, because they are the codes and tokens themselves;
 * whatever else is known is sealed.
 */
export function createAdapter(kind: string, deps: AdapterDeps): Adapter {
  const { store, lookup, payloads, now } = deps

  async function open(artefact: Artefact | null): Promise<AdapterPayload | undefined> {
    if (artefact === null) return undefined
    const payload = (await payloads.open(artefact)) as AdapterPayload
    const { consumedAt } = artefact
    return consumedAt === null ? payload : { ...payload, consumed: Math.floor(consumedAt / 1000) }
  }

  return {
    async upsert(id, payload, expiresIn) {
      const at = now()
      const { grantId, uid, userCode } = payload
      const artefact = {
        kind,
        digest: digestSecret(id),
        payload: payloads.seal(kind, digestSecret(id), payload),
        grant: typeof grantId === 'string' && kind !== 'Interaction' ? digestSecret(grantId) : null,
        uid: typeof uid === 'string' ? digestSecret(uid) : null,
        userCode: typeof userCode === 'string' ? payloads.index(userCode) : null,
        expiresAt: typeof expiresIn === 'number' ? at + expiresIn * 1000 : null,
      }
      // Two proofs that come at the same time were both looked for before either was stored.
      if (kind !== 'ReplayDetection') await store.put(artefact)
      else if (!(await store.add(artefact, at))) throw new errors.InvalidRequest('this proof was used before')
    },
    find: async (id) => open(await lookup.find(kind, digestSecret(id))),
    findByUid: async (uid) => open(await lookup.findByUid(kind, digestSecret(uid))),
    findByUserCode: async (userCode) => open(await lookup.findByUserCode(kind, payloads.index(userCode))),

    async consume(id) {
      const digest = digestSecret(id)
      if ((await store.consume(kind, digest, now())) === 'consumed') return
      // Somebody else was quicker, between the look at it and now: as with any code or token that comes twice, whoever
      // holds it may have stolen it (RFC 9700 section 4.14.2), so that everything issued under its grant ends.
      const payload = await open(await lookup.find(kind, digest))
      if (typeof payload?.grantId === 'string') await endGrant(payload.grantId, true)
      throw new errors.InvalidGrant('it was used already')
    },

    async destroy(id) {
      const digest = digestSecret(id)
      if (kind === 'Grant') await endGrant(id, true)
      else await store.remove(kind, digest)
    },

    async revokeByGrantId(grantId) {
      // The library asks each kind in turn, and one call ends them all.
      if (kind === 'AccessToken') await endGrant(grantId, false)
    },
  }

  async function endGrant(grantId: string, wholly: boolean): Promise<void> {
    await store.endGrant({ grant: digestSecret(grantId), wholly, revocation: deps.toRevocation(grantId) })
  }
}
