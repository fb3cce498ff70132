import { createHash } from 'node:crypto'
import type { Principal } from '../../core/principal.ts'
import { readClaim } from './claim-path.ts'
import type { CompactToken } from './compact-token.ts'
import type { JsonObject } from './unique-json.ts'

/** Where an issuer's tokens say what. */
export interface ClaimPaths {
  readonly roles: readonly string[]
  /** Tried in order. */
  readonly scopes: readonly (readonly string[])[]
  readonly tenant: readonly string[] | null
  readonly attributes: readonly string[]
}

const maxSubjectLength = 512
const maxNames = 256
const maxNameLength = 256
const noNames: readonly string[] = Object.freeze([])
const noAttributes: JsonObject = Object.freeze({})

/** Who a verified token speaks of; null where its claims do not say so in a way that can be used. */
export function toPrincipal(
  token: CompactToken,
  issuer: string,
  paths: ClaimPaths,
  expiresAt: number,
): Principal | null {
  const { claims } = token
  const subject = readName(claims.sub, maxSubjectLength)
  const roles = readNames(readClaim(claims, paths.roles), (text) => [text])
  const scopes = readNames(firstClaim(claims, paths.scopes), (text) => text.split(' ').filter((scope) => scope !== ''))
  const tenant = paths.tenant === null ? null : readName(readClaim(claims, paths.tenant), maxNameLength)
  if (subject === null || roles === null || scopes === null || (paths.tenant !== null && tenant === null)) return null
  return deepFreeze({
    id: subject,
    kind: isService(claims) ? 'service' : 'user',
    issuer,
    tenant,
    roles,
    scopes,
    attributes: pickAttributes(claims, paths.attributes),
    credential: { policy: 'jwt', id: readName(claims.jti, maxNameLength) ?? toDigest(token.text) },
    assurance: readName(claims.acr, maxNameLength),
    confirmation: null,
    proofOfPossession: null,
    expiresAt,
  })
}

/** RFC 9068 section 2.2: without a user, the subject is the client itself. */
function isService({ sub, client_id: clientId, azp }: JsonObject): boolean {
  return sub === clientId || sub === azp
}

function readName(value: unknown, maxLength: number): string | null {
  return typeof value === 'string' && value !== '' && value.length <= maxLength ? value : null
}

/**
 * A claim that is missing grants nothing; one that cannot be read whole makes the token unusable, because half of a
 * list of roles may mean something else than all of it.
 */
function readNames(value: unknown, split: (text: string) => string[]): readonly string[] | null {
  if (value === undefined || value === null) return noNames
  const names: unknown = typeof value === 'string' ? split(value) : value
  if (!Array.isArray(names) || names.length > maxNames) return null
  return names.every((name) => readName(name, maxNameLength) !== null) ? names : null
}

function firstClaim(claims: JsonObject, paths: ClaimPaths['scopes']): unknown {
  for (const path of paths) {
    const value = readClaim(claims, path)
    if (value !== undefined) return value
  }
  return undefined
}

function pickAttributes(claims: JsonObject, names: readonly string[]): JsonObject {
  if (names.length === 0) return noAttributes
  return Object.fromEntries(names.flatMap((name) => (Object.hasOwn(claims, name) ? [[name, claims[name]]] : [])))
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
