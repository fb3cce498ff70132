import type { ProbeResult } from './prober.ts'

const columns = ['route', 'policy', 'probe', 'expected', 'got', 'verdict'] as const
const widest = 48

/** The results as a table of plain text, failures with their reasons below. */
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
  const explained = results
    .filter(({ verdict }) => verdict !== 'pass')
    .map(({ verdict, route, policy, probe, reason }) => `${verdict}: ${route} ${policy}: ${probe}: ${reason ?? ''}`)
  return [...lines, '', ...explained, summarise(results)].join('\n')
}

export function summarise(results: readonly ProbeResult[]): string {
  const count = (verdict: ProbeResult['verdict']) => results.filter((result) => result.verdict === verdict).length
  return `${count('pass')} passed, ${count('fail')} failed, ${count('skip')} not run`
}

function shorten(text: string): string {
  return text.length <= widest ? text : `${text.slice(0, widest - 1)}…`
}
