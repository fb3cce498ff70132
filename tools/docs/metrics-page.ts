import type { Instrument } from './instruments.ts'

/** A Markdown table of what a gateway counts. */
export function renderMetrics(instruments: readonly Instrument[]): string {
  const rows = instruments.map(({ name, type, labels, help }) => {
    const shown = labels.map((label) => `\`${label}\``).join(', ')
    return `| \`${name}\` | ${type} | ${shown} | ${help.replaceAll('|', '\\|')} |`
  })
  return ['| name | type | labels | meaning |', '|---|---|---|---|', ...rows].join('\n')
}
