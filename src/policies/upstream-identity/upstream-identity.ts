import { type Next, next, type Refusal, refuse, reply } from '../../core/decision.ts'
import type { Exchange } from '../../core/exchange.ts'
import type { EndpointHandler, Hooks, PolicyDeps } from '../../core/policy.ts'
import { removeField } from '../../core/remove-field.ts'
import { dataFolderPort } from '../../stores/ports/data-folder.ts'
import { IdentityTokens } from './identity-tokens.ts'
import type { UpstreamIdentityOptions } from './options.ts'
import { createSigningKeyFile, type SigningKeyFile } from './signing-key-file.ts'
import { findSigner } from './signing-keys.ts'

export const jwksEndpointId = 'jwks'

/** Larger fields do not fit into the header limits of common servers. */
const maxTokenLength = 8192

export async function createUpstreamIdentity(options: UpstreamIdentityOptions, deps: PolicyDeps): Promise<Hooks> {
  const file = deps.shared('upstream-identity:keys', () =>
    createSigningKeyFile(deps.provide(dataFolderPort).path, deps.now),
  )
  const { header } = options
  const prefix = header === 'authorization' ? 'Bearer ' : ''
  const tokens = await openTokens(options, deps, file)
  const { now } = deps

  function forward(exchange: Exchange): Next | Refusal {
    // Always, also on routes that identify nobody: the upstream believes this field.
    removeField(exchange.headers, header)
    if (tokens === null || exchange.principal === null) return next
    const token = tokens.tokenFor(exchange.principal, now())
    if (token.length > maxTokenLength) return refuse('identity_too_large', `${token.length} characters`)
    exchange.upstreamFields.push(header, prefix + token)
    return next
  }

  return { forward, endpoints: { [jwksEndpointId]: createJwksHandler(file) } }
}

/** Null where nobody is told anything: on public routes, and where no upstream answers. */
async function openTokens(
  options: UpstreamIdentityOptions,
  { route, shared, meter }: PolicyDeps,
  file: SigningKeyFile,
): Promise<IdentityTokens | null> {
  if (!route.authenticated || route.upstream === null) return null
  const { issuer, audience = route.upstream, algorithm, lifetime } = options
  const key = findSigner(await file.load(), algorithm)
  return shared(`upstream-identity:tokens:${JSON.stringify([issuer, audience, lifetime, key.id])}`, () => {
    const tokens = new IdentityTokens(key, { issuer, audience, lifetimeMs: lifetime })
    const labels = { audience }
    meter.gauge(
      'portcullis_upstream_identity_tokens',
      'Identity tokens that are held for reuse',
      () => tokens.size,
      labels,
    )
    meter.total(
      'portcullis_upstream_identity_signed_total',
      'Identity tokens that were signed',
      () => tokens.signed,
      labels,
    )
    return tokens
  })
}

function createJwksHandler(file: SigningKeyFile): EndpointHandler {
  return async () => {
    const keys = await file.load()
    const headers = [
      ['content-type', 'application/jwk-set+json'],
      // Short enough that a new key is known everywhere before it signs.
      ['cache-control', 'public, max-age=300'],
    ] as const
    return reply(200, headers, JSON.stringify({ keys: keys.map(({ publicJwk }) => publicJwk) }))
  }
}
