import { childOf, isPlain, type Plain, resolveRef } from './openapi-document.ts'

/** What an operation asks of its callers, in the terms of a policy file. */
export interface Demand {
  /** Null: public. */
  readonly authenticate: readonly string[] | null
  readonly scopes: readonly string[]
  readonly comment: string | null
}

const unknownDemand: Demand = { authenticate: ['apiKey'], scopes: [], comment: null }

/**
 * Reads the security requirement of one operation. Only what the operation itself declares as open becomes public: a
 * document that says nothing, or says it once for all, often just leaves credentials out.
 */
export function readDemand(document: Plain, operation: Plain): Demand {
  const own = operation.security
  if (Array.isArray(own) && (own.length === 0 || own.some((one) => isPlain(one) && Object.keys(one).length === 0))) {
    const comment = own.length === 0 ? null : 'The document lets callers choose whether they show a credential.'
    return { authenticate: null, scopes: [], comment }
  }
  const requirements = Array.isArray(own) ? own : document.security
  if (!Array.isArray(requirements) || requirements.length === 0) return unknownDemand
  const alternatives = requirements.filter(isPlain).filter((one) => Object.keys(one).length > 0)
  if (alternatives.length === 0) return unknownDemand
  const schemes = alternatives.flatMap((one) => Object.keys(one))
  const known = [...new Set(schemes.flatMap((name) => toCredential(document, name) ?? []))].sort()
  const unknown = schemes.filter((name) => toCredential(document, name) === null)
  return {
    authenticate: known.length > 0 ? known : ['apiKey'],
    scopes: alternatives.length === 1 ? readScopes(alternatives[0] as Plain) : [],
    comment: unknown.length === 0 ? null : `The document asks for "${unknown.join('", "')}", which is not known here.`,
  }
}

/** The credential policy that takes the place of a security scheme; null where none does. */
function toCredential(document: Plain, name: string): string | null {
  const scheme = schemeOf(document, name)
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

function schemeOf(document: Plain, name: string): Plain {
  return resolveRef(document, childOf(childOf(document, 'components'), 'securitySchemes')[name]) ?? {}
}

function readScopes(requirement: Plain): string[] {
  const scopes = Object.values(requirement).flatMap((list) => (Array.isArray(list) ? list : []))
  return [...new Set(scopes.filter((scope) => typeof scope === 'string'))].sort()
}

/** The issuer that an OpenID Connect scheme names; null where none does. */
export function readIssuer(document: Plain): string | null {
  const suffix = '/.well-known/openid-configuration'
  const urls = allSchemes(document).map(({ openIdConnectUrl }) => openIdConnectUrl)
  const url = urls.find((text) => typeof text === 'string' && text.startsWith('https://') && text.endsWith(suffix))
  return typeof url === 'string' ? url.slice(0, -suffix.length) : null
}

/** The header fields that keys come in, where they are not the usual one. */
export function readKeyHeaders(document: Plain): string[] {
  const names = allSchemes(document)
    .filter((scheme) => scheme.type === 'apiKey' && scheme.in === 'header' && typeof scheme.name === 'string')
    .map((scheme) => String(scheme.name).toLowerCase())
  const usual = ['x-api-key', 'authorization']
  // `portcullis-` fields speak to upstreams; from outside they are dropped.
  const isPossible = (name: string) => /^(?!portcullis-)[a-z0-9-]+$/.test(name) && !usual.includes(name)
  return [...new Set(names)].filter(isPossible).sort()
}

function allSchemes(document: Plain): Plain[] {
  const schemes = childOf(childOf(document, 'components'), 'securitySchemes')
  return Object.keys(schemes).map((name) => schemeOf(document, name))
}
