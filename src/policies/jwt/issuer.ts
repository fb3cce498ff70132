import { createHash } from 'node:crypto'
import type { PolicyDeps } from '../../core/policy.ts'
import { type OutboundClient, outboundPort } from '../../outbound/outbound.ts'
import { type ClaimMapping, toClaimMapping } from '../claim-mapping.ts'
import { discoverUrl } from '../discovery.ts'
import type { ClaimRules } from './claims-check.ts'
import type { BelievedIssuer, IssuerOptions } from './issuer-options.ts'
import { type KeySet, parseKeySet } from './key-set.ts'
import { createStaticKeySource, type KeySource } from './key-source.ts'
import { createOwnKeys } from './own-keys.ts'
import { RemoteKeys } from './remote-keys.ts'
import { parseStaticKeys } from './static-keys.ts'

/** One issuer of tokens with everything that its tokens are judged by. */
export interface Issuer {
  readonly name: string
  readonly issuer: string
  readonly algorithms: IssuerOptions['algorithms']
  readonly types: readonly string[]
  readonly rules: ClaimRules
  readonly mapping: ClaimMapping
  readonly keys: KeySource
}

/** The most of a key set or metadata document that is read, in bytes. */
const maxDocumentBytes = 256 * 1024

/** Prepares an issuer, or takes over the one of the snapshot before where nothing about it changed. */
export async function createIssuer(name: string, options: BelievedIssuer, deps: PolicyDeps): Promise<Issuer> {
  const texts = await readKeyTexts(name, options, deps)
  const identity = createHash('sha256')
    .update(JSON.stringify([options, texts]))
    .digest('hex')
  return deps.shared(`jwt:issuer:${name}:${identity}`, () => ({
    name,
    issuer: options.issuer,
    algorithms: options.algorithms,
    types: options.types,
    rules: {
      audience: options.audience,
      clockToleranceMs: options.clockTolerance,
      maxTokenAgeMs: options.maxTokenAge ?? null,
    },
    mapping: toClaimMapping(options),
    keys: createSource(name, texts, options, deps),
  }))
}

function createSource(
  name: string,
  texts: readonly string[] | null,
  options: BelievedIssuer,
  deps: PolicyDeps,
): KeySource {
  if (options.own) return createOwnKeys(deps, options.ofTenant)
  return texts === null ? createRemoteSource(name, options, deps) : createStaticSource(name, texts, options)
}

async function readKeyTexts(name: string, options: IssuerOptions, deps: PolicyDeps): Promise<string[] | null> {
  if (options.keys === undefined) return null
  const texts = await Promise.all(options.keys.map((reference) => deps.secret(reference)))
  // Read now as well, so that a bad file is an error of the configuration and not of the first request.
  createStaticSource(name, texts, options)
  return texts
}

function createStaticSource(name: string, texts: readonly string[], options: IssuerOptions): KeySource {
  const keys = texts.flatMap((text, i) => {
    try {
      return parseStaticKeys(text, options.algorithms).keys
    } catch (error) {
      throw new Error(
        `the keys of issuer "${name}" in ${options.keys?.[i]} cannot be used: ${(error as Error).message}`,
      )
    }
  })
  return createStaticKeySource(keys)
}

function createRemoteSource(name: string, options: IssuerOptions, deps: PolicyDeps): KeySource {
  const source = new RemoteKeys({
    name,
    maxAgeMs: options.keysMaxAge,
    maxStaleMs: options.onFailure === 'local' ? options.keysMaxStale : 0,
    cooldownMs: options.refreshCooldown,
    load: createLoader(options, deps.provide(outboundPort)),
    now: deps.now,
    log: deps.log,
  })
  const labels = { issuer: name }
  deps.meter.gauge(
    'portcullis_jwt_issuer_keys',
    'Keys of the issuer that are in use, in all gateway threads together',
    () => source.keys.length,
    labels,
  )
  deps.meter.total(
    'portcullis_jwt_issuer_key_fetches_total',
    'Fetches of the issuer keys',
    () => source.counts.fetched,
    labels,
  )
  deps.meter.total(
    'portcullis_jwt_issuer_key_failures_total',
    'Fetches that failed',
    () => source.counts.failed,
    labels,
  )
  return source
}

function createLoader(options: IssuerOptions, client: OutboundClient): () => Promise<KeySet> {
  const request = {
    allowPrivate: options.allowPrivateAddress !== undefined,
    allowHttp: options.allowPlainHttp !== undefined,
    maxBytes: maxDocumentBytes,
    timeoutMs: options.timeout,
  }
  let discovered: string | null = null
  return async () => {
    const url = options.jwksUrl ?? discovered ?? (await discoverUrl(client, options.issuer, 'jwks_uri', request))
    try {
      const keySet = parseKeySet(await client.json(url, request), options.algorithms)
      discovered = url
      return keySet
    } catch (error) {
      // The issuer may have moved its keys: ask again the next time.
      discovered = null
      throw error
    }
  }
}
