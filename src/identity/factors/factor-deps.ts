import { type AccountLookup, accountLookupPort } from '../../stores/ports/account-store.ts'
import {
  type ArtefactLookup,
  type ArtefactStore,
  artefactLookupPort,
  artefactStorePort,
} from '../../stores/ports/artefact-store.ts'
import {
  type FactorChanges,
  type FactorLookup,
  type FactorStore,
  factorChangesPort,
  factorLookupPort,
  factorStorePort,
} from '../../stores/ports/factor-store.ts'
import type { SealedPayloads } from '../artefacts/sealed-payloads.ts'
import type { IdentityDeps } from '../deps.ts'
import type { IdentityOptions } from '../options.ts'
import { toPasskeySite } from '../passkeys/options.ts'
import { withoutPasskeys } from './usable-factors.ts'

/** What second factors need, in a login and on the pages of an account. */
export interface FactorDeps {
  readonly accounts: AccountLookup
  readonly artefacts: ArtefactStore
  readonly artefactLookup: ArtefactLookup
  readonly payloads: SealedPayloads
  readonly factors: FactorLookup
  readonly factorStore: FactorStore
  readonly factorChanges: FactorChanges
  readonly factorOptions: Pick<IdentityOptions, 'issuer' | 'mail' | 'secondFactor' | 'rememberDevices'>
  readonly now: () => number
}

export function createFactorDeps(
  options: IdentityOptions,
  { provide, now }: IdentityDeps,
  payloads: SealedPayloads,
): FactorDeps {
  return {
    accounts: provide(accountLookupPort),
    artefacts: provide(artefactStorePort),
    artefactLookup: provide(artefactLookupPort),
    factors: toPasskeySite(options) === null ? withoutPasskeys(provide(factorLookupPort)) : provide(factorLookupPort),
    factorStore: provide(factorStorePort),
    factorChanges: provide(factorChangesPort),
    factorOptions: options,
    payloads,
    now,
  }
}
