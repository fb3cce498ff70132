import { createHash } from 'node:crypto'
import { type Decision, next, type Refusal, refuse } from '../../core/decision.ts'
import type { Exchange } from '../../core/exchange.ts'
import type { Hooks, PolicyDeps } from '../../core/policy.ts'
import type { Principal } from '../../core/principal.ts'
import { toStableJson } from '../../core/stable-json.ts'
import type { Rights } from '../../roles/role-model.ts'
import { openRoleSource } from '../../roles/role-source.ts'
import { UnusableValue } from './cedar-value.ts'
import { loadEngine } from './engine.ts'
import { openEntities } from './open-entities.ts'
import type { AbacOptions } from './options.ts'
import { createPolicyEngine, type Verdict } from './policy-engine.ts'
import type { ConfiguredEntity, GatheredSets } from './policy-sets-block.ts'
import { toQuestion } from './request-entities.ts'
import { VerdictCache } from './verdict-cache.ts'

const retryAfterSeconds = 1

export async function createAbac({ policy: input }: AbacOptions, deps: PolicyDeps): Promise<Hooks> {
  const declared = deps.block<GatheredSets | undefined>('policySets')?.[input.set]
  const set = declared?.gathered
  if (set === undefined) throw new Error(`the files of the policy set "${input.set}" were not read`)
  const engine = await loadEngine()
  const address = typeof declared?.entities === 'object' ? declared.entities : null
  const token = address?.token === undefined ? null : await deps.secret(address.token)
  const identity = createHash('sha256')
    .update(toStableJson([set, address, token]))
    .digest('hex')
  const { cache, remote } = deps.shared(
    `abac:${input.set}:${identity}`,
    () => {
      const made = createCache(input.set, new VerdictCache(createPolicyEngine(engine, set)), deps)
      const use = (entities: readonly ConfiguredEntity[]) => made.useEntities(entities)
      return { cache: made, remote: address && openEntities(input.set, address, token, engine, use, deps) }
    },
    (unused) => unused.cache.close(),
  )
  const source = openRoleSource(deps)

  function ask(exchange: Exchange, principal: Principal, rights: Rights): Verdict {
    return cache.ask(toQuestion(exchange, principal, rights.roles, input, deps.now()))
  }

  function judge(exchange: Exchange, principal: Principal, rights: Rights): Decision {
    let verdict: Verdict
    try {
      verdict = ask(exchange, principal, rights)
    } catch (error) {
      if (error instanceof UnusableValue) return refuse('policy_input', error.message)
      throw error
    }
    // A policy that fails is skipped by the engine; were it one that forbids, skipping it would let the caller in.
    if (verdict.errors.length > 0) return refuse('policy_error', verdict.errors.join('; '))
    if (!verdict.allowed) return refuse('policy_denied', toReason(verdict))
    exchange.reasons = [...(exchange.reasons ?? []), ...verdict.reasons]
    return next
  }

  function authorize(exchange: Exchange): Decision | Promise<Decision> {
    const { principal } = exchange
    if (principal === null) return refuse('credential_missing')
    const pending = remote?.becomeUsable() ?? null
    return pending === null
      ? authorizeNow(exchange, principal)
      : pending.then(() => authorizeNow(exchange, principal), refuseForDependency)
  }

  function authorizeNow(exchange: Exchange, principal: Principal): Decision | Promise<Decision> {
    let rights: Rights | Promise<Rights>
    try {
      rights = source.allRights(principal)
    } catch (error) {
      return refuseForDependency(error)
    }
    if (!(rights instanceof Promise)) return judge(exchange, principal, rights)
    return rights.then((found) => judge(exchange, principal, found), refuseForDependency)
  }

  return {
    authorize,
    async explain(exchange) {
      const { principal } = exchange
      if (principal === null) return []
      try {
        await remote?.becomeUsable()
        const rights = await source.allRights(principal)
        return explain(input.set, ask(exchange, principal, rights))
      } catch (error) {
        return [`cannot be asked: ${error instanceof Error ? error.message : String(error)}`]
      }
    },
    ...(input.body && { requestBody: 'buffer' }),
  }
}

function createCache(set: string, cache: VerdictCache, { meter }: PolicyDeps): VerdictCache {
  const labels = { set }
  meter.gauge('portcullis_abac_cached', 'Decisions of Cedar policies that are remembered', () => cache.size, labels)
  meter.total('portcullis_abac_cache_hits_total', 'Decisions that Cedar was not asked for', () => cache.hits, labels)
  meter.total('portcullis_abac_cache_misses_total', 'Decisions that Cedar was asked for', () => cache.misses, labels)
  return cache
}

function refuseForDependency(error: unknown): Refusal {
  return refuse('dependency_down', error instanceof Error ? error.message : String(error), { retryAfterSeconds })
}

function toReason({ reasons }: Verdict): string {
  return reasons.length === 0 ? 'no policy permits it' : `forbidden by ${reasons.join(', ')}`
}

function explain(set: string, verdict: Verdict): string[] {
  const { allowed, reasons, errors } = verdict
  return [
    `policy set ${set}: ${allowed ? `permitted by ${reasons.join(', ')}` : toReason(verdict)}`,
    ...errors.map((error) => `could not be evaluated: ${error}`),
  ]
}
