import { toBringer } from '../../config/routes/resolve-routes.ts'
import type { Position, ResolvedPolicy, RouteSpec } from '../../config/snapshot.ts'
import type { AnyPolicy } from '../../core/policy.ts'
import { listOptions } from '../option-text.ts'
import { unitsOf } from '../option-units.ts'
import { toPrintable } from '../printable.ts'
import type { Decided } from './decide.ts'
import type { Plan } from './plan.ts'

/** For a person: what the request is read as, who answers it, through which policies, and what they decide. */
export function formatExplanation(plan: Plan, decided: Decided | null, policies: readonly AnyPolicy[]): string {
  return [formatRequest(plan), formatPolicies(plan.route, policies), formatOthers(plan), formatDecided(decided)]
    .filter((part) => part !== '')
    .join('\n\n')
}

function formatRequest({ method, host, path, refusal, route, params }: Plan): string {
  const lines = [
    ['request', `${method} ${host}${path ?? ', which cannot be read'}`],
    ['route', refusal === null ? `${route.id}${at(route.position)}` : 'none: the defaults apply, then a refusal'],
  ]
  if (refusal !== null) lines.push(['refusal', `${refusal.code}: ${refusal.detail}`])
  for (const [name, value] of Object.entries(params)) lines.push(['parameter', `${name} = ${value}`])
  if (refusal === null) {
    lines.push(['access', route.authenticated ? 'for callers with a credential' : `public: ${route.reason}`])
    lines.push(['forward', describeForward(route)])
  }
  return lines.map(([name = '', text = '']) => `${name.padEnd(9)} ${toPrintable(text)}`).join('\n')
}

function describeForward({ forward }: RouteSpec): string {
  switch (forward.kind) {
    case 'upstream':
      return `upstream ${forward.upstream}${forward.stripPrefix === null ? '' : ` without ${forward.stripPrefix}`}`
    case 'endpoint':
      return `answered by ${toBringer(forward.policy)}`
    case 'handler':
      return 'the application'
    case 'none':
      return 'nowhere'
  }
}

function formatPolicies({ policies }: RouteSpec, all: readonly AnyPolicy[]): string {
  if (policies.length === 0) return 'policies  none'
  const lines = policies.map((policy, i) => {
    const known = all.find(({ name }) => name === policy.name)
    const options = listOptions(policy.options, [], known === undefined ? () => null : unitsOf(known))
    const mode = policy.mode === 'observe' ? 'observes only, ' : ''
    const head = `${String(i + 1).padStart(3)}. ${policy.name} (${mode}${describeOrigin(policy)}${at(policy.position)})`
    return [head, ...options.map((text) => `       ${text}`)].join('\n')
  })
  return ['policies', ...lines].join('\n')
}

function describeOrigin({ origin }: ResolvedPolicy): string {
  const names = { defaults: 'from defaults', route: 'from the route', loosen: 'loosened', 'built-in': 'built in' }
  return names[origin]
}

function formatOthers({ others }: Plan): string {
  if (others.length === 0) return ''
  return ['other routes', ...others.map(({ id, why, position }) => `  ${id}${at(position)}: ${why}`)].join('\n')
}

export function formatDecided(decided: Decided | null): string {
  if (decided === null) return 'decision  not evaluated'
  const steps = decided.steps.flatMap(({ stage, policy, outcome, code, detail, reasons }) => {
    const why = code === null ? '' : ` ${code}${detail === null ? '' : `: ${detail}`}`
    const line = `  ${stage.padEnd(12)} ${(policy ?? 'core').padEnd(18)} ${outcome}${why}`
    return [line, ...reasons.map((reason) => `${' '.repeat(15)}${toPrintable(reason)}`)]
  })
  const caller = decided.principal === null ? [] : [`caller    ${decided.principal}`]
  const end = decided.status === null ? 'would be forwarded' : `would be answered with ${decided.status}`
  return [`decision  ${end}`, ...caller, ...steps].join('\n')
}

function at(position: Position | null): string {
  return position === null ? '' : `, ${position.file}:${position.line}`
}
