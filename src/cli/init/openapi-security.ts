import { combineHeld, listsScopes } from '../../openapi/combine-held.ts'
import { childOf, isPlain, type Plain } from '../../openapi/plain.ts'
import { options as apiKeyOptions } from '../../policies/api-key/options.ts'
import { type Demand, keyDemand } from './draft.ts'
import { resolveRef } from './openapi-document.ts'

/**
 * Reads the security requirement of one operation. Only what the operation itself declares as open becomes public: a
 * document that says nothing, or says it once for all, often just leaves credentials out.
 */
export function readDemand(document: Plain, operation: Plain, issuers: Readonly<Record<string, string>>): Demand {
  const own = operation.security
  if (Array.isArray(own) && (own.length === 0 || own.some((one) => isPlain(one) && Object.keys(one).length === 0))) {
    const comment = own.length === 0 ? null : 'The document lets callers choose whether they show a credential.'
    return { ...keyDemand, authenticate: null, comment }
  }
  const requirements = Array.isArray(own) ? own : document.security
  const alternatives = (Array.isArray(requirements) ? requirements : [])
    .filter(isPlain)
    .filter((one) => Object.keys(one).length > 0)
    .map((one) => readAlternative(document, one))
  if (alternatives.length === 0) return keyDemand
  const known = alternatives.filter(({ credential }) => credential !== null)
  const credentials = [...new Set(known.map(({ credential }) => credential as string))].sort()
  const scopes = combineHeld(known.map((one) => one.scopes))
  const roles = combineHeld(known.map((one) => one.roles))
  return {
    authenticate: credentials.length > 0 ? credentials : ['apiKey'],
    issuers: restrictIssuers(known, issuers),
    scopes: scopes.held,
    roles: roles.held,
    comment: toComment(alternatives, scopes.isStricter || roles.isStricter),
  }
}

/** One way to be let in: a credential, or several at once. */
interface Alternative {
  readonly names: readonly string[]
  readonly unknown: readonly string[]
  /** The credential policy that takes their place; null where none does. */
  readonly credential: string | null
  /** The issuer of its tokens, where the document says. */
  readonly issuer: string | null
  readonly scopes: readonly string[]
  readonly roles: readonly string[]
}

function readAlternative(document: Plain, requirement: Plain): Alternative {
  const names = Object.keys(requirement)
  const schemes = names.map((name) => ({ name, scheme: schemeOf(document, name), listed: toNames(requirement[name]) }))
  const known = schemes.filter(({ scheme }) => toCredential(scheme) !== null)
  // Exactly one is accepted, and a token says more of its caller than a key.
  const chosen = known.find(({ scheme }) => toCredential(scheme) === 'jwt') ?? known[0]
  const isScoped = ({ scheme }: { scheme: Plain }) => listsScopes(scheme)
  return {
    names,
    unknown: schemes.filter((one) => !known.includes(one)).map(({ name }) => name),
    credential: chosen === undefined ? null : toCredential(chosen.scheme),
    issuer: chosen === undefined ? null : toIssuer(chosen.scheme),
    scopes: [...new Set(schemes.filter(isScoped).flatMap(({ listed }) => listed))].sort(),
    roles: [...new Set(schemes.filter((one) => !isScoped(one)).flatMap(({ listed }) => listed))].sort(),
  }
}

/** The credential policy that takes the place of a security scheme; null where none does. */
function toCredential(scheme: Plain): string | null {
  switch (scheme.type) {
    case 'oauth2':
    case 'openIdConnect':
      return 'jwt'
    case 'apiKey':
      return scheme.in === 'header' ? 'apiKey' : null
    case 'http': {
      if (String(scheme.scheme).toLowerCase() !== 'bearer') return null
      return /^jwt$/i.test(String(scheme.bearerFormat ?? 'JWT')) ? 'jwt' : 'apiKey'
    }
    default:
      return null
  }
}

/** Where several issuers are known, a route accepts tokens of those only that the document names for it. */
function restrictIssuers(alternatives: readonly Alternative[], issuers: Readonly<Record<string, string>>): string[] {
  const tokens = alternatives.filter(({ credential }) => credential === 'jwt')
  const names = Object.keys(issuers).filter((name) => tokens.some(({ issuer }) => issuer === issuers[name]))
  const isKnown = tokens.every(({ issuer }) => issuer !== null)
  return isKnown && names.length < Object.keys(issuers).length ? names : []
}

function toComment(alternatives: readonly Alternative[], isStricter: boolean): string | null {
  const quote = (names: readonly string[]) => `"${[...new Set(names)].join('", "')}"`
  const unknown = alternatives.flatMap((one) => one.unknown)
  const together = alternatives.filter(({ names }) => names.length > 1).flatMap(({ names }) => names)
  const parts = [
    ...(unknown.length === 0 ? [] : [`Not known here, but asked for by the document: ${quote(unknown)}.`]),
    ...(together.length === 0 ? [] : [`Asked for at once by the document, here one is enough: ${quote(together)}.`]),
    ...(isStricter ? ['The document asks less of some callers than this does.'] : []),
  ]
  return parts.length === 0 ? null : parts.join(' ')
}

/** The issuers that OpenID Connect schemes name, by names for the policy file; the first one is `main`. */
export function readIssuers(document: Plain): Readonly<Record<string, string>> {
  const known = allSchemes(document).flatMap((scheme) => toIssuer(scheme) ?? [])
  return Object.fromEntries([...new Set(known)].map((issuer, i) => [i === 0 ? 'main' : `issuer-${i + 1}`, issuer]))
}

function toIssuer(scheme: Plain): string | null {
  const suffix = '/.well-known/openid-configuration'
  const url = scheme.type === 'openIdConnect' ? scheme.openIdConnectUrl : null
  if (typeof url !== 'string' || !url.startsWith('https://') || !url.endsWith(suffix)) return null
  const parsed = URL.parse(url)
  return parsed === null || parsed.username !== '' || parsed.password !== '' ? null : url.slice(0, -suffix.length)
}

/** The header fields that keys come in, where they are not the usual one. */
export function readKeyHeaders(document: Plain): string[] {
  const names = allSchemes(document)
    .filter((scheme) => scheme.type === 'apiKey' && scheme.in === 'header' && typeof scheme.name === 'string')
    .map((scheme) => String(scheme.name).toLowerCase())
  // Keys in `Authorization` are read as bearer tokens anyway; `portcullis-` fields from outside are dropped.
  const isPossible = (name: string) =>
    !name.startsWith('portcullis-') && apiKeyOptions.safeParse({ headers: [name] }).success
  return [...new Set(names)].filter((name) => name !== 'x-api-key' && isPossible(name)).sort()
}

function schemeOf(document: Plain, name: string): Plain {
  return resolveRef(document, childOf(childOf(childOf(document, 'components'), 'securitySchemes'), name)) ?? {}
}

function allSchemes(document: Plain): Plain[] {
  const schemes = childOf(childOf(document, 'components'), 'securitySchemes')
  return Object.keys(schemes).map((name) => schemeOf(document, name))
}

function toNames(list: unknown): string[] {
  return Array.isArray(list) ? list.filter((name) => typeof name === 'string') : []
}
