import type { Pair } from '../../input/pairs.ts'
import type { Violation } from '../../input/violation.ts'
import type { OperationContract } from '../../openapi/operation.ts'
import { groupPairs } from '../parameters/read-named.ts'
import { askLater, type Later } from './ask-later.ts'
import { compileStandard, type Judged, type Question, type StandardJudge } from './compile-standard.ts'

type JudgeWholes = (
  params: Readonly<Record<string, string>>,
  pairs: readonly Pair[],
  violations: Violation[],
  later: Later | undefined,
) => void

/**
 * Prepares how schemas of libraries judge all parameters of a place as an object of texts. A name that comes twice is
 * refused: nothing tells which of them are lists. Null where there is no such schema.
 */
export function compileWholes(
  { path, query }: NonNullable<OperationContract['wholes']>,
  { unknownQuery }: { readonly unknownQuery: 'refuse' | 'ignore' },
): JudgeWholes | null {
  if (path === undefined && query === undefined) return null
  // A route may have parameters that its schema is not about.
  const judgePath = path && compileStandard(path, { unknownProperties: 'ignore' })
  const judgeQuery = query && compileStandard(query, { unknownProperties: unknownQuery })
  return (params, pairs, violations, later) => {
    if (judgePath !== undefined) askLater(later, asParameters(judgePath, { ...params }, 'path'))
    if (judgeQuery === undefined) return
    const texts = Object.create(null) as Record<string, string>
    for (const [name, values] of groupPairs(pairs)) {
      texts[name] = values[0] as string
      if (values.length > 1) violations.push({ in: 'query', at: name, rule: 'repeated', expected: 'one value' })
    }
    askLater(later, asParameters(judgeQuery, texts, 'query'))
  }
}

/** Members of the object are parameters, and are told by their names. */
function asParameters(judge: StandardJudge, texts: object, place: Violation['in']): Question {
  const ask = judge(texts, place, '')
  return () => {
    const judged = ask()
    return judged instanceof Promise ? judged.then(named) : named(judged)
  }
}

function named(judged: Judged): Judged {
  if (judged.kind === 'broken') return judged
  const violations = judged.violations.map((one) => {
    const isUnknown = one.rule === 'additionalProperties' && !one.at.includes('/', 1)
    const at = one.at.slice(1)
    return isUnknown ? { ...one, at, rule: 'unknown', expected: 'no such parameter' } : { ...one, at }
  })
  return { kind: 'judged', violations }
}
