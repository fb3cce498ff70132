import type { Principal } from '../core/principal.ts'
import type { RoleHolder } from '../stores/ports/role-store.ts'

/** Who vouches for what stands in our own stores. */
export const ownIssuer = 'portcullis'

const maxGroups = 256

/** Everyone that a store may have given a role to when it meant this caller. */
export function toHolders(principal: Principal): readonly RoleHolder[] {
  const { issuer, id, credential } = principal
  const holders: RoleHolder[] = [{ kind: 'principal', issuer, id }]
  if (credential.policy === 'api-key') holders.push({ kind: 'key', issuer: ownIssuer, id: credential.id })
  const client = clientOf(principal)
  if (client !== null) holders.push({ kind: 'client', issuer, id: client })
  for (const group of groupsOf(principal)) holders.push({ kind: 'group', issuer, id: group })
  return holders
}

/** The attribute `groups`; beyond a bound the rest give nothing, as every group costs a look-up. */
export function groupsOf({ attributes }: Principal): readonly string[] {
  const groups = ownValue(attributes, 'groups')
  if (typeof groups === 'string') return [groups]
  if (!Array.isArray(groups)) return []
  return groups.filter((group) => typeof group === 'string').slice(0, maxGroups)
}

/** The client that a token was given to (RFC 9068 section 2.2, OpenID Connect Core section 2). */
export function clientOf({ kind, id, attributes }: Principal): string | null {
  const client = ownValue(attributes, 'client_id') ?? ownValue(attributes, 'azp')
  if (typeof client === 'string') return client
  return kind === 'service' && client === undefined ? id : null
}

export function ownValue(record: Readonly<Record<string, unknown>>, name: string): unknown {
  return Object.hasOwn(record, name) ? record[name] : undefined
}
