import { errors, type KoaContextWithOIDC, type ResourceServer } from 'oidc-provider'
import type { ClientLookup, ClientRecord } from '../../stores/ports/client-store.ts'
import { refuseEndedImplicit } from '../legacy/implicit.ts'
import type { IdentityOptions } from '../options.ts'
import { listResources } from '../resources.ts'

type Client = { readonly clientId: string }

export interface ResourceDeps {
  readonly directory: ClientLookup
  readonly fileClients: readonly ClientRecord[]
  readonly now: () => number
}

/** What tokens are for (RFC 8707): a resource of the file, with those of its scopes that the client may ask for. */
export function createResourceIndicators(options: IdentityOptions, { directory, fileClients, now }: ResourceDeps) {
  const { format, lifetime } = options.accessTokens
  const resources = listResources({ ...options, clients: fileClients.map(({ settings }) => settings) })
  const [usual] = resources.map(({ identifier }) => identifier)
  return {
    enabled: true,
    // Where a client names none, the first is meant; of several it named, it gets tokens for one at a time.
    defaultResource: (_ctx: KoaContextWithOIDC, _client: unknown, oneOf?: string | string[]): string =>
      (Array.isArray(oneOf) ? oneOf[0] : oneOf) ?? (usual as string),
    useGrantedResource: () => true,
    async getResourceServerInfo(ctx: KoaContextWithOIDC, indicator: string, client: Client): Promise<ResourceServer> {
      const resource = resources.find(({ identifier }) => identifier === indicator)
      const record = await directory.find(client.clientId)
      if (resource === undefined || record === null) throw new errors.InvalidTarget()
      refuseEndedImplicit(ctx, record, now())
      const scopes = resource.scopes.filter((scope) => record.settings.scopes.includes(scope))
      return {
        audience: indicator,
        scope: scopes.join(' '),
        accessTokenFormat: format,
        accessTokenTTL: Math.ceil(lifetime / 1000),
        ...(format === 'jwt' && { jwt: { sign: { alg: 'ES256' as const } } }),
      } as ResourceServer
    },
  }
}
