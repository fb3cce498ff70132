import { errors, type KoaContextWithOIDC, type ResourceServer } from 'oidc-provider'
import type { ClientLookup } from '../../stores/ports/client-store.ts'
import { refuseEndedImplicit } from '../legacy/implicit.ts'
import type { IdentityOptions } from '../options.ts'
import { listResources } from '../resources.ts'

type Client = { readonly clientId: string }

export interface ResourceDeps {
  readonly directory: ClientLookup
  readonly now: () => number
}

/** What tokens are for (RFC 8707): a resource of the file, with those of its scopes that the client may ask for. */
export function createResourceIndicators(options: IdentityOptions, { directory, now }: ResourceDeps) {
  const { format, lifetime } = options.accessTokens
  const resources = listResources(options)
  const [usual] = resources.map(({ identifier }) => identifier)
  return {
    enabled: true,
    // Where a client names none, the first is meant; of several it named, it gets tokens for one at a time.
    async defaultResource(_ctx: KoaContextWithOIDC, client: Client, oneOf?: string | string[]): Promise<string> {
      const named = Array.isArray(oneOf) ? oneOf[0] : oneOf
      return named ?? (await directory.find(client.clientId))?.settings.resources?.[0] ?? (usual as string)
    },
    useGrantedResource: () => true,
    async getResourceServerInfo(ctx: KoaContextWithOIDC, indicator: string, client: Client): Promise<ResourceServer> {
      const resource = resources.find(({ identifier }) => identifier === indicator)
      const record = await directory.find(client.clientId)
      if (resource === undefined || record === null) throw new errors.InvalidTarget()
      const { resources: allowed } = record.settings
      if (allowed !== undefined && !allowed.includes(indicator)) throw new errors.InvalidTarget()
      refuseEndedImplicit(ctx, record, now())
      const { scopes: own } = record.settings
      const scopes = resource.scopes === null ? own : resource.scopes.filter((scope) => own.includes(scope))
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
