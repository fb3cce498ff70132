import type { PolicyDeps, PolicyWarning } from '../../core/policy.ts'
import { outboundPort } from '../../outbound/outbound.ts'
import type { Engine } from './engine.ts'
import type { EntitiesAddress } from './entities-address.ts'
import { parseEntities } from './parse-entities.ts'
import type { ConfiguredEntity } from './policy-sets-block.ts'
import { RemoteEntities } from './remote-entities.ts'

/** For each entity of a list, so many bytes are read. */
const bytesPerEntity = 2_048

/** Makes the source of the entities of a set, with its metrics. */
export function openEntities(
  set: string,
  address: EntitiesAddress,
  token: string | null,
  engine: Engine,
  onChange: (entities: readonly ConfiguredEntity[]) => void,
  deps: PolicyDeps,
): RemoteEntities {
  const client = deps.provide(outboundPort)
  const request = {
    headers: token === null ? [] : [['authorization', `Bearer ${token}`] as const],
    allowPrivate: address.allowPrivateAddress !== undefined,
    allowHttp: address.allowPlainHttp !== undefined,
    maxBytes: address.maxEntities * bytesPerEntity,
    timeoutMs: address.timeout,
  }
  const source = new RemoteEntities({
    set,
    ttlMs: address.ttl,
    maxStaleMs: address.onFailure === 'stale' ? address.maxStale : 0,
    async load() {
      const found = parseEntities(engine, await client.json(address.url, request), address.maxEntities)
      if ('problems' in found) throw new Error(found.problems.join('; '))
      return found.entities
    },
    onChange,
    now: deps.now,
    log: deps.log,
  })
  const labels = { set }
  const { meter } = deps
  meter.gauge('portcullis_abac_entities', 'Entities that were fetched and are in use', () => source.size, labels)
  meter.total('portcullis_abac_entities_fetched_total', 'Fetches of entities', () => source.counts.fetched, labels)
  meter.total('portcullis_abac_entities_failed_total', 'Fetches that failed', () => source.counts.failed, labels)
  return source
}

export function warnOfAddress({ url, allowPlainHttp, allowPrivateAddress }: EntitiesAddress): readonly PolicyWarning[] {
  const warnings: PolicyWarning[] = []
  if (allowPlainHttp !== undefined) {
    const text = `Entities are fetched from ${url} over plain HTTP: who is on the way can change what is permitted.`
    warnings.push({ text, reason: allowPlainHttp.reason })
  }
  if (allowPrivateAddress !== undefined) {
    const text = `Entities may be fetched from loopback and private addresses (${url}).`
    warnings.push({ text, reason: allowPrivateAddress.reason })
  }
  return warnings
}
