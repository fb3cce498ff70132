import type { ResolvedPolicy } from '../../config/snapshot.ts'
import { type AnyPolicy, toConfigKey } from '../../core/policy.ts'
import { isSame } from '../../core/stable-json.ts'
import { toOptionText } from '../option-text.ts'
import { type FindUnit, unitsOf } from '../option-units.ts'
import { type Change, describeDifferences } from './change.ts'

type Instances = readonly ResolvedPolicy[]

/** What two lists of resolved policies do differently, policy by policy. */
export function diffPolicies(
  subject: string,
  before: Instances,
  after: Instances,
  policies: readonly AnyPolicy[],
): Change[] {
  return policies.flatMap((policy) => {
    const ofPolicy = ({ name }: ResolvedPolicy) => name === policy.name
    const change = diffPolicy(policy, before.filter(ofPolicy), after.filter(ofPolicy))
    return change === null ? [] : [{ subject, ...change }]
  })
}

function diffPolicy(policy: AnyPolicy, before: Instances, after: Instances): Omit<Change, 'subject'> | null {
  const gone = before.filter((one) => !after.some((other) => isEqual(one, other)))
  const fresh = after.filter((one) => !before.some((other) => isEqual(one, other)))
  if (gone.length === 0 && fresh.length === 0) return null
  const key = policy.kind === 'authorization' ? `authorize (${policy.name})` : toConfigKey(policy.name)
  if (before.length === 0) return appear(policy, key, fresh)
  if (after.length === 0) return disappear(policy, key)
  const weakens = gone.some((one) => !after.some((other) => covers(policy, one, other)))
  const tightens = fresh.some((one) => !before.some((other) => covers(policy, one, other)))
  return {
    effect: weakens ? 'weakens' : tightens ? 'tightens' : 'changes',
    text: `${key}: ${describePair(gone, fresh, unitsOf(policy))}`,
  }
}

function appear(policy: AnyPolicy, key: string, fresh: Instances): Omit<Change, 'subject'> {
  if (policy.kind === 'credential') return { effect: 'weakens', text: `${key} is accepted as well` }
  if (policy.grants)
    return { effect: 'weakens', text: `${key} is new, and also grants: ${describeOptions(fresh, unitsOf(policy))}` }
  if (policy.weakens) return { effect: 'weakens', text: `${key} is new: ${describeOptions(fresh, unitsOf(policy))}` }
  const observes = fresh.every(({ mode }) => mode === 'observe')
  return {
    effect: observes ? 'changes' : 'tightens',
    text: `${key} is new: ${describeOptions(fresh, unitsOf(policy))}`,
  }
}

function disappear(policy: AnyPolicy, key: string): Omit<Change, 'subject'> {
  if (policy.kind === 'credential') return { effect: 'tightens', text: `${key} is no longer accepted` }
  return { effect: policy.weakens ? 'tightens' : 'weakens', text: `${key} no longer applies` }
}

function isEqual(a: ResolvedPolicy, b: ResolvedPolicy): boolean {
  return a.mode === b.mode && isSame(a.options, b.options)
}

/** Whether everything that `one` refuses, `other` refuses as well. */
function covers(policy: AnyPolicy, one: ResolvedPolicy, other: ResolvedPolicy): boolean {
  if (one.mode === 'observe') return true
  if (other.mode === 'observe') return false
  if (isSame(one.options, other.options)) return true
  const relation = policy.compose(one.options, other.options)
  // A limit that is shared with other routes stays beside a tighter one; the other way round tells which is tighter.
  return relation === 'tighter' || (relation === 'both' && policy.compose(other.options, one.options) === 'looser')
}

function describePair(gone: Instances, fresh: Instances, unitOf: FindUnit): string {
  const [one] = gone
  const [other] = fresh
  if (gone.length !== 1 || fresh.length !== 1 || one === undefined || other === undefined) {
    return `${describeOptions(gone, unitOf)} → ${describeOptions(fresh, unitOf)}`
  }
  const options = describeDifferences(one.options, other.options, unitOf)
  const modes = one.mode === other.mode ? '' : `mode: ${one.mode} → ${other.mode}`
  return [options, modes].filter((text) => text !== '').join(', ')
}

function describeOptions(instances: Instances, unitOf: FindUnit): string {
  const texts = instances.map(
    ({ options, mode }) => `${toOptionText(options, [], unitOf)}${mode === 'observe' ? ' (observes)' : ''}`,
  )
  return texts.length === 0 ? 'none' : texts.join(' and ')
}
