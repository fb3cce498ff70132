import type { AnyPolicy } from '../../src/core/policy.ts'
import { toProblemType } from '../../src/core/problem.ts'
import { coreCodes, type ProblemCodes, type PublicCode, publicProblems } from '../../src/core/problems.ts'

/** What callers may be told, then every code of the log: of the core, then of each policy. */
export function renderErrors(policies: readonly AnyPolicy[]): string {
  const shown = Object.entries(publicProblems).map(
    ([code, { status, title }]) => `| ${status} | \`${toProblemType(code as PublicCode)}\` | ${title} |`,
  )
  const tables = [
    renderCodes('The gateway and the core', coreCodes),
    ...policies.filter(({ codes }) => Object.keys(codes).length > 0).map(({ name, codes }) => renderCodes(name, codes)),
  ]
  return [
    '## What callers are shown\n',
    '| status | `type` | title |',
    '|---|---|---|',
    ...shown,
    '\n## What the log says\n',
    tables.join('\n\n'),
  ].join('\n')
}

function renderCodes(heading: string, codes: ProblemCodes): string {
  const rows = Object.entries(codes).map(([code, { public: shown, meaning }]) => {
    const { status } = publicProblems[shown]
    return `| \`${code}\` | ${status} \`${toProblemType(shown)}\` | ${meaning.replaceAll('|', '\\|')} |`
  })
  return [`### ${heading}`, '', '| code | shown as | what to check |', '|---|---|---|', ...rows].join('\n')
}
