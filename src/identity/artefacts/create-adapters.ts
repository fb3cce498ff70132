import type { AdapterFactory } from 'oidc-provider'
import type { Provide } from '../../core/ports.ts'
import type { LiveKeyRing } from '../../crypto/ring/live-key-ring.ts'
import { artefactLookupPort, artefactStorePort } from '../../stores/ports/artefact-store.ts'
import type { ClientLookup } from '../../stores/ports/client-store.ts'
import { type Revocation, revocationLookupPort, revocationStorePort } from '../../stores/ports/revocation-store.ts'
import { createClientAdapter } from '../clients/client-adapter.ts'
import type { IdentityOptions } from '../options.ts'
import { StructuredTokens } from '../tokens/structured-tokens.ts'
import { createAdapter } from './adapter.ts'
import { createSealedPayloads } from './sealed-payloads.ts'

export interface AdaptersDeps {
  readonly provide: Provide
  readonly ring: LiveKeyRing
  readonly now: () => number
  readonly directory: ClientLookup
}

/** Beyond the life of a token, by how much the clocks that judge it may differ. */
const slackMs = 60_000

/** What oidc-provider keeps its things in, one adapter for each kind. */
export function createAdapters(
  { issuer, accessTokens, realm }: IdentityOptions,
  { provide, ring, now, directory }: AdaptersDeps,
): { readonly adapter: AdapterFactory; readonly structured: StructuredTokens } {
  const structured = new StructuredTokens({
    issuer,
    revocations: provide(revocationStorePort),
    lookup: provide(revocationLookupPort),
    now,
  })
  const deps = {
    store: provide(artefactStorePort),
    lookup: provide(artefactLookupPort),
    payloads: createSealedPayloads(ring, realm),
    now,
    structured,
    toRevocation(value: string): Revocation | null {
      if (accessTokens.format === 'opaque') return null
      const [revokedAt, endsAt] = [now(), now() + accessTokens.lifetime + slackMs]
      return { issuer, kind: 'session', value, revokedAt, issuedUntil: null, endsAt, reason: 'its grant has ended' }
    },
  }
  const adapter = (kind: string) => (kind === 'Client' ? createClientAdapter(directory) : createAdapter(kind, deps))
  return { adapter, structured }
}
