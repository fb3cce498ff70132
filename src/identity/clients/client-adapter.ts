import type { Adapter, AdapterPayload } from 'oidc-provider'
import type { ClientLookup } from '../../stores/ports/client-store.ts'
import { toMetadata } from './metadata.ts'
import type { PublishedKeys } from './published-keys.ts'

/** Longer ones are nobody's. */
const maxIdLength = 200

/** Clients as oidc-provider looks them up. It changes none. */
export function createClientAdapter(directory: ClientLookup, published: Pick<PublishedKeys, 'find'>): Adapter {
  const refuse = () => Promise.reject(new Error('clients are changed by their administrators only'))
  return {
    async find(id) {
      const client = id.length > maxIdLength ? null : await directory.find(id)
      if (client === null) return undefined
      const { keys } = client.settings
      const found = keys !== undefined && 'url' in keys ? await published.find(client, keys.url) : []
      return toMetadata(client, found) as AdapterPayload
    },
    findByUid: refuse,
    findByUserCode: refuse,
    upsert: refuse,
    consume: refuse,
    destroy: refuse,
    revokeByGrantId: refuse,
  }
}
