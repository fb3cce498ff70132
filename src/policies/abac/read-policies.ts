import type { FileProblem } from '../../core/policy.ts'
import type { Engine } from './engine.ts'
import { atIndex, toProblems } from './problems.ts'

/** The policies of one file, with their ids. */
export interface ReadPolicies {
  readonly policies: readonly { readonly id: string; readonly text: string; readonly line: number }[]
  readonly problems: readonly FileProblem[]
}

/**
 * Parses a file of policies and, where there is a schema, validates them against it.
 * @param name how ids and errors call the file
 */
export function readPolicies(
  engine: Engine,
  name: string,
  text: string,
  schema: NonNullable<Parameters<Engine['checkParseSchema']>[0]> | null,
): ReadPolicies {
  const parts = engine.policySetTextToParts(text)
  const template = parts.type === 'success' ? parts.policy_templates[0] : undefined
  if (template !== undefined) {
    const message = 'a template (`?principal`, `?resource`) permits nothing by itself and is not supported'
    const problem = { file: name, ...atIndex(text, text.indexOf(template)), message, hint: 'Write the policy out.' }
    return { policies: [], problems: [problem] }
  }
  const whole = { staticPolicies: text }
  const parsed = engine.checkParsePolicySet(whole)
  if (parsed.type === 'failure') return { policies: [], problems: toProblems(name, text, parsed.errors) }
  if (parts.type === 'failure') return { policies: [], problems: toProblems(name, text, parts.errors) }
  const problems: FileProblem[] = []
  if (schema !== null) {
    const checked = engine.validate({ schema, policies: whole })
    if (checked.type === 'failure') problems.push(...toProblems(name, text, checked.errors))
    else
      problems.push(
        ...toProblems(
          name,
          text,
          checked.validationErrors.map(({ error }) => error),
        ),
      )
  }
  let from = 0
  const policies = inOrder(parts.policies).map((policy, i) => {
    const index = Math.max(text.indexOf(policy, from), from)
    from = index + policy.length
    const json = engine.policyToJson(policy)
    const id = json.type === 'success' ? json.json.annotations?.id : undefined
    return { id: id ?? `${name}#${i + 1}`, text: policy, line: atIndex(text, index).line }
  })
  return { policies, problems }
}

/** The engine sorts what it calls `policy0`, `policy1`, `policy10`, … by these names, as text. */
function inOrder(sorted: readonly string[]): string[] {
  const places = sorted.map((_, i) => i).sort((a, b) => (`policy${a}` < `policy${b}` ? -1 : 1))
  const ordered: string[] = []
  places.forEach((place, i) => {
    ordered[place] = sorted[i] as string
  })
  return ordered
}
