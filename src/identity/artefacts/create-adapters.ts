import type { AdapterFactory } from 'oidc-provider'
import type { Provide } from '../../core/ports.ts'
import type { LiveKeyRing } from '../../crypto/ring/live-key-ring.ts'
import { accountLookupPort } from '../../stores/ports/account-store.ts'
import { artefactLookupPort, artefactStorePort } from '../../stores/ports/artefact-store.ts'
import type { ClientLookup } from '../../stores/ports/client-store.ts'
import { type Revocation, revocationLookupPort, revocationStorePort } from '../../stores/ports/revocation-store.ts'
import { createClientAdapter } from '../clients/client-adapter.ts'
import type { PublishedKeys } from '../clients/published-keys.ts'
import type { IdentityOptions } from '../options.ts'
import { toIssuedTokens } from '../tokens/issued-tokens.ts'
import { StructuredTokens } from '../tokens/structured-tokens.ts'
import { createAdapter } from './adapter.ts'
import { createSealedPayloads } from './sealed-payloads.ts'
import { createStanding } from './standing.ts'

export interface AdaptersDeps {
  readonly provide: Provide
  readonly ring: LiveKeyRing
  readonly now: () => number
  readonly directory: ClientLookup
  readonly published: PublishedKeys
}

/** What oidc-provider keeps its things in, one adapter for each kind. */
export function createAdapters(
  options: IdentityOptions,
  { provide, ring, now, directory, published }: AdaptersDeps,
): { readonly adapter: AdapterFactory; readonly structured: StructuredTokens } {
  const { issuer } = options
  const structured = new StructuredTokens({
    issuer,
    revocations: provide(revocationStorePort),
    lookup: provide(revocationLookupPort),
    now,
  })
  const lookup = provide(artefactLookupPort)
  const deps = {
    store: provide(artefactStorePort),
    lookup,
    stands: createStanding(provide(accountLookupPort), lookup, directory),
    payloads: createSealedPayloads(ring, options.realm),
    now,
    structured,
    toRevocation(value: string): Revocation | null {
      const [revokedAt, reason] = [now(), 'its grant has ended']
      const tokens = toIssuedTokens(options, revokedAt)
      return tokens && { ...tokens, kind: 'session', value, revokedAt, issuedUntil: null, reason }
    },
  }
  const adapter = (kind: string) =>
    kind === 'Client' ? createClientAdapter(directory, published) : createAdapter(kind, deps)
  return { adapter, structured }
}
