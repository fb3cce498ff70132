import type { Line } from '../../keys/read-lines.ts'
import { EntryError } from './entry.ts'

export interface Row {
  /** Where it begins, counted from 1. */
  readonly line: number
  readonly cells: readonly string[]
}

const maxRowLength = 65_536

/** Rows of comma-separated values (RFC 4180): a quoted cell may hold commas, quotes that are doubled, and lines. */
export async function* readCsv(lines: AsyncIterable<Line>): AsyncGenerator<Row> {
  let [open, begun, quotes] = ['', 0, 0]
  for await (const { number, text } of lines) {
    if (begun === 0 && text.trim() === '') continue
    const row = begun === 0 ? text : `${open}\n${text}`
    if (begun === 0) begun = number
    if (row.length > maxRowLength) throw new EntryError(`a row is longer than ${maxRowLength} characters`, at(begun))
    quotes += text.split('"').length - 1
    // An odd number of quotes: the cell goes on in the next line.
    if (quotes % 2 === 1) {
      open = row
      continue
    }
    yield { line: begun, cells: split(row, begun) }
    begun = quotes = 0
  }
  if (begun !== 0) throw new EntryError('a quote is opened and not closed', at(begun))
}

function split(row: string, line: number): string[] {
  const cells: string[] = []
  let rest = 0
  for (;;) {
    const quoted = row[rest] === '"'
    const end = quoted ? endOfQuoted(row, rest) : row.indexOf(',', rest)
    const stop = end === -1 ? row.length : end
    const text = row.slice(rest, stop)
    if (!quoted && text.includes('"')) throw new EntryError('a quote stands within a cell', at(line))
    cells.push(quoted ? text.slice(1, -1).replaceAll('""', '"') : text)
    if (stop >= row.length) return cells
    if (row[stop] !== ',') throw new EntryError('something stands behind a quoted cell', at(line))
    rest = stop + 1
  }
}

/** Behind the quote that closes it. */
function endOfQuoted(row: string, start: number): number {
  let quote = row.indexOf('"', start + 1)
  while (row[quote + 1] === '"') quote = row.indexOf('"', quote + 2)
  return quote + 1
}

function at(line: number): string {
  return `line ${line}`
}
