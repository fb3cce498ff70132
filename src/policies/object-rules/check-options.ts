import type { CheckContext } from '../../core/policy.ts'
import { checkRoleName, findKnownRoles } from '../../roles/known-roles.ts'
import type { ObjectOptions } from './options.ts'

/** Finds parameters that the path does not have, unknown roles, and rules on answers where they come too late. */
export function checkOptions({ object: { rules, exempt } }: ObjectOptions, context: CheckContext): readonly string[] {
  const { route, block } = context
  const problems: string[] = []
  for (const { param, answer } of rules) {
    if (param !== undefined && !route.path.includes(`{${param}}`)) {
      problems.push(`the path ${route.path} has no parameter of one segment that is called "${param}"`)
    }
    if (answer !== undefined) problems.push(...checkAnswerRoute(route))
  }
  const known = findKnownRoles(block)
  if (known !== null) problems.push(...(exempt?.roles ?? []).flatMap((name) => checkRoleName(name, known) ?? []))
  return problems
}

function checkAnswerRoute({ methods }: CheckContext['route']): string[] {
  if (methods.length > 0 && methods.every((method) => method === 'GET' || method === 'HEAD')) return []
  const which = methods.length === 0 ? 'every method' : methods.join(', ')
  return [`a rule on answers is for GET alone, not for ${which}: a write would have happened before it is refused`]
}
