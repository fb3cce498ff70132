import { type Engine, loadEngine } from './engine.ts'
import type { ConfiguredEntity, PolicySet } from './policy-sets-block.ts'
import type { Entity, Question } from './request-entities.ts'

/** What a set of policies says to a question. */
export interface Verdict {
  readonly allowed: boolean
  /** The policies that made it so: those that permit, or those that forbid. */
  readonly reasons: readonly string[]
  /** Policies that could not be evaluated, and why: the verdict cannot be trusted then. */
  readonly errors: readonly string[]
}

/** A set of policies in the engine of this thread. */
export interface PolicyEngine {
  ask(question: Question): Verdict
  /** Replaces what is known beside the caller and the resource. */
  useEntities(entities: readonly ConfiguredEntity[]): void
  /** Gives back what the engine holds of the set. */
  close(): void
}

let opened = 0

export async function openPolicyEngine(set: PolicySet): Promise<PolicyEngine> {
  return createPolicyEngine(await loadEngine(), set)
}

export function createPolicyEngine(engine: Engine, set: PolicySet): PolicyEngine {
  // Of its own, though another may hold the same policies: closing the one must not empty the other.
  const setId = String(++opened)
  const prepared = engine.preparsePolicySet(setId, { staticPolicies: { ...set.policies } })
  if (prepared.type === 'failure') throw new Error(prepared.errors.map(({ message }) => message).join('; '))
  let configured = toMap(set.entities)

  /** What is known of the caller or the resource beside the request; what the request says comes on top. */
  function complete(entity: Entity): Entity {
    const known = configured.get(toKey(entity.uid))
    if (known === undefined) return entity
    return { ...entity, attrs: { ...known.attrs, ...entity.attrs }, parents: [...known.parents, ...entity.parents] }
  }

  return {
    ask({ principal, action, resource, context }) {
      const own = [complete(principal), complete(resource)]
      const replaced = new Set(own.map(({ uid }) => toKey(uid)))
      const others = replaced.size === 0 ? [] : [...configured].filter(([key]) => !replaced.has(key))
      const answer = engine.statefulIsAuthorized({
        principal: principal.uid,
        action,
        resource: resource.uid,
        context,
        preparsedPolicySetId: setId,
        validateRequest: false,
        entities: [...own, ...others.map(([, entity]) => entity)] as never,
      })
      if (answer.type === 'failure') {
        return { allowed: false, reasons: [], errors: answer.errors.map(({ message }) => message) }
      }
      const { decision, diagnostics } = answer.response
      return {
        allowed: decision === 'allow',
        reasons: diagnostics.reason.toSorted(),
        errors: diagnostics.errors.map(({ policyId, error }) => `${policyId}: ${error.message}`),
      }
    },
    useEntities(entities) {
      configured = toMap(entities)
    },
    // The engine has no way to forget a set: an empty one takes its place.
    close: () => void engine.preparsePolicySet(setId, { staticPolicies: '' }),
  }
}

function toMap(entities: readonly ConfiguredEntity[]): ReadonlyMap<string, Entity> {
  return new Map(entities.map((entity) => [toKey(entity.uid), entity as Entity]))
}

function toKey({ type, id }: { readonly type: string; readonly id: string }): string {
  return JSON.stringify([type, id])
}
