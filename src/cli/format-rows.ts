import { toPrintable } from './printable.ts'

/** Lines of cells under a line of titles. */
export function formatRows(titles: readonly string[], rows: readonly (readonly string[])[]): string {
  const all = [titles, ...rows.map((row) => row.map(toPrintable))]
  const widths = titles.map((_, i) => all.reduce((width, row) => Math.max(width, (row[i] ?? '').length), 0))
  return all
    .map((row) =>
      row
        .map((cell, i) => cell.padEnd(widths[i] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}
