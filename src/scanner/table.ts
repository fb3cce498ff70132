import type { ProbeResult } from './result.ts'

const columns = ['route', 'policy', 'probe', 'expected', 'got', 'verdict'] as const
const widest = 48

/** The results as a table of plain text. */
export function toTable(results: readonly ProbeResult[]): string {
  const rows = [
    columns.map(String),
    ...results.map((result) => columns.map((column) => shorten(String(result[column])))),
  ]
  const widths = columns.map((_, at) => Math.max(...rows.map((row) => (row[at] as string).length)))
  const lines = rows.map((row) =>
    row
      .map((cell, at) => cell.padEnd(widths[at] as number))
      .join('  ')
      .trimEnd(),
  )
  lines.splice(1, 0, widths.map((width) => '-'.repeat(width)).join('  '))
  return lines.join('\n')
}

/** Why each that is no pass is none. */
export function explainResults(results: readonly ProbeResult[]): string[] {
  return results.filter(({ verdict }) => verdict !== 'pass').map(explainResult)
}

export function explainResult({ verdict, route, policy, probe, reason }: ProbeResult): string {
  return `${verdict}: ${route} ${policy}: ${probe}: ${reason ?? ''}`
}

export function summarise(results: readonly ProbeResult[]): string {
  const count = (verdict: ProbeResult['verdict']) => results.filter((result) => result.verdict === verdict).length
  return `${count('pass')} passed, ${count('fail')} failed, ${count('skip')} not run`
}

function shorten(text: string): string {
  return text.length <= widest ? text : `${text.slice(0, widest - 1)}…`
}
