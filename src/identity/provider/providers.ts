import type { Provider } from 'oidc-provider'
import type { NodeHandler } from '../bridge/bridge.ts'
import type { KeySet, SigningKeys } from '../keys/signing-keys.ts'
import type { IdentityOptions } from '../options.ts'
import { createProvider, type ProviderDeps } from './create-provider.ts'

/** oidc-provider with the keys that it was made for. */
export interface MadeProvider {
  readonly keys: KeySet
  readonly provider: Provider
  readonly handle: NodeHandler
}

/** Hands out oidc-provider; after a rotation of keys, another one. */
export function createProviders(options: IdentityOptions, keys: SigningKeys, deps: ProviderDeps) {
  let made: MadeProvider | null = null

  function make(set: KeySet): MadeProvider {
    const provider = createProvider(options, set, deps)
    return { keys: set, provider, handle: provider.callback() }
  }

  return {
    async current(): Promise<MadeProvider> {
      const set = await keys.current()
      if (made?.keys !== set) made = make(set)
      return made
    },
  }
}
