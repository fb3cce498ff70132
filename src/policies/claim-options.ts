import { z } from 'zod'

const claimPath = z.union([z.string().min(1).max(256), z.array(z.string().min(1).max(256)).min(1).max(8)])
const name = z.string().min(1).max(256)
const names = z
  .record(name, z.union([name, z.array(name).min(1).max(32)]))
  .refine((map) => Object.keys(map).length <= 1000, { error: 'holds more than 1000 names' })

/** Where the claims of an issuer say what, and what its names mean here: keys of every schema that reads claims. */
export const claimOptions = {
  rolesClaim: claimPath
    .default('roles')
    .describe('Where the roles stand, such as `realm_access.roles`; a list of names where a name holds dots.'),
  rolesMap: names
    .optional()
    .describe(
      'What names in `rolesClaim` mean here: `{ grp-admins: admin }`. Others mean nothing (see `rolesPrefix`).',
    ),
  rolesPrefix: name
    .optional()
    .describe('Roles begin with it and lose it; names without it, which `rolesMap` does not hold, mean nothing.'),
  scopesClaim: claimPath.optional().describe('Where the scopes stand. Default: `scope`, else `scp`.'),
  scopesMap: names.optional().describe('What scopes mean here, as with `rolesMap`.'),
  scopesPrefix: name.optional().describe('Scopes begin with it and lose it, as with `rolesPrefix`.'),
  tenantClaim: claimPath.optional().describe('Where the tenant stands. Where it is set, tokens without are refused.'),
  tenantMap: z.record(name, name).optional().describe('What tenants are called here. Tokens of others are refused.'),
  attributes: z
    .union([z.array(name).max(32), z.record(name, claimPath)])
    .default([])
    .describe(
      'Claims that policies and the upstream see as attributes of the caller: their names, or `{ department: org.unit }`.',
    ),
  boundClients: z
    .union([z.literal('all'), z.array(name).min(1).max(1000)])
    .optional()
    .describe(
      'Clients (`client_id`, else `azp`) whose tokens are refused unless they are bound to a key or certificate; `all` for every token.',
    ),
}

const claimSchema = z.object(claimOptions)

export type ClaimOptions = z.output<typeof claimSchema>
