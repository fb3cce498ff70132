import { createHash } from 'node:crypto'
import type { Confirmation, Principal } from '../core/principal.ts'
import type { JsonObject } from '../crypto/tokens/unique-json.ts'
import type { ClaimMapping, NamesSource } from './claim-mapping.ts'
import { readClaim } from './claim-path.ts'

/** What is known of a token beside its claims. */
export interface ClaimsOrigin {
  /** The credential policy's name. */
  readonly policy: string
  readonly issuer: string
  /** What is the same however the token is written: the public id of one that has no `jti` is made of it. */
  readonly token: string
  readonly confirmation: Confirmation | null
  /** Epoch milliseconds. */
  readonly expiresAt: number | null
}

const maxSubjectLength = 512
const maxNames = 256
const maxNameLength = 256
/** Beyond it milliseconds are no exact numbers any more. */
const maxSeconds = 8.64e12
const noNames: readonly string[] = Object.freeze([])
const noAttributes: JsonObject = Object.freeze({})

/** Who the claims of a verified token speak of; null where they do not say so in a way that can be used. */
export function toPrincipal(claims: JsonObject, mapping: ClaimMapping, origin: ClaimsOrigin): Principal | null {
  const subject = readName(claims.sub, maxSubjectLength)
  const roles = readNames(claims, mapping.roles, (text) => [text])
  const scopes = readNames(claims, mapping.scopes, (text) => text.split(' ').filter((scope) => scope !== ''))
  const tenant = readTenant(claims, mapping)
  if (subject === null || roles === null || scopes === null || (mapping.tenant !== null && tenant === null)) return null
  return deepFreeze({
    id: subject,
    kind: isService(claims) ? 'service' : 'user',
    issuer: origin.issuer,
    tenant,
    roles,
    scopes,
    attributes: pickAttributes(claims, mapping.attributes),
    credential: { policy: origin.policy, id: readName(claims.jti, maxNameLength) ?? toDigest(origin.token) },
    assurance: readName(claims.acr, maxNameLength),
    authenticatedAt: readSeconds(claims.auth_time),
    confirmation: origin.confirmation,
    proofOfPossession: null,
    expiresAt: origin.expiresAt,
  })
}

/** Whether the token had to be bound to a key, whatever it is. One that does not say whose it is might have to be. */
export function mustBeBound({ client_id: clientId, azp }: JsonObject, { boundClients }: ClaimMapping): boolean {
  if (boundClients === null) return false
  const client = readName(clientId ?? azp, maxNameLength)
  return boundClients === 'all' || client === null || boundClients.has(client)
}

/** RFC 9068 section 2.2: without a user, the subject is the client itself. */
function isService({ sub, client_id: clientId, azp }: JsonObject): boolean {
  return sub === clientId || sub === azp
}

/** A NumericDate (RFC 7519 section 2), in milliseconds; anything else says nothing. */
function readSeconds(value: unknown): number | null {
  return typeof value === 'number' && value >= 0 && value < maxSeconds ? value * 1000 : null
}

function readName(value: unknown, maxLength: number): string | null {
  return typeof value === 'string' && value !== '' && value.length <= maxLength ? value : null
}

/**
 * A claim that is missing grants nothing; one that cannot be read whole makes the token unusable, because half of a
 * list of roles may mean something else than all of it.
 */
function readNames(
  claims: JsonObject,
  { paths, translate }: NamesSource,
  split: (text: string) => string[],
): readonly string[] | null {
  const value = firstClaim(claims, paths)
  if (value === undefined || value === null) return noNames
  const names: unknown = typeof value === 'string' ? split(value) : value
  if (!Array.isArray(names) || names.length > maxNames) return null
  if (!names.every((name) => readName(name, maxNameLength) !== null)) return null
  return translate === null ? names : [...new Set(names.flatMap(translate))]
}

function firstClaim(claims: JsonObject, paths: NamesSource['paths']): unknown {
  for (const path of paths) {
    const value = readClaim(claims, path)
    if (value !== undefined) return value
  }
  return undefined
}

function readTenant(claims: JsonObject, { tenant }: ClaimMapping): string | null {
  if (tenant === null) return null
  const name = readName(readClaim(claims, tenant.path), maxNameLength)
  return name === null || tenant.names === null ? name : (tenant.names.get(name) ?? null)
}

function pickAttributes(claims: JsonObject, attributes: ClaimMapping['attributes']): JsonObject {
  if (attributes.length === 0) return noAttributes
  return Object.fromEntries(
    attributes.flatMap(([name, path]) => {
      const value = readClaim(claims, path)
      return value === undefined ? [] : [[name, value]]
    }),
  )
}

/** A public name for a token that has none: nobody gets from it to the token. */
function toDigest(text: string): string {
  return createHash('sha256').update(text).digest('base64url').slice(0, 22)
}

/** One principal answers many requests, so no policy may change it for the others. */
function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    for (const name in value) deepFreeze(value[name])
    Object.freeze(value)
  }
  return value
}
