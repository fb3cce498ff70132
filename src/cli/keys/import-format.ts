import { KeyCommandError } from './key-session.ts'

export type ImportFormat = 'jsonl' | 'csv'

/** Reads the fields of one line; null where the line has none. Throws a `KeyCommandError` that says what is wrong. */
export interface LineReader {
  read(line: string): Readonly<Record<string, unknown>> | null
}

export function openFormat(format: ImportFormat): LineReader {
  return format === 'csv' ? openCsv() : { read: readJson }
}

function readJson(line: string): Readonly<Record<string, unknown>> | null {
  if (line.trim() === '') return null
  let value: unknown
  try {
    value = JSON.parse(line)
  } catch {
    throw new KeyCommandError('it is not JSON')
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>
  throw new KeyCommandError('it is not a JSON object')
}

/** Comma-separated values (RFC 4180) without line breaks inside of fields; the first line names them. */
function openCsv(): LineReader {
  let names: readonly string[] | null = null
  return {
    read(line) {
      if (line.trim() === '') return null
      const cells = splitCells(line)
      if (names === null) {
        names = cells.map((name) => name.trim())
        const twice = names.find((name, at) => names?.indexOf(name) !== at)
        if (twice !== undefined) throw new KeyCommandError(`the column "${twice}" is there twice`)
        return null
      }
      if (cells.length !== names.length) {
        throw new KeyCommandError(`it has ${cells.length} fields, the first line names ${names.length}`)
      }
      // An empty cell is a field that was left out.
      return Object.fromEntries(names.map((name, at) => [name, cells[at]] as const).filter(([, cell]) => cell !== ''))
    },
  }
}

function splitCells(line: string): string[] {
  const cells: string[] = []
  let at = 0
  for (;;) {
    const quoted = line[at] === '"'
    const end = quoted ? endOfQuoted(line, at + 1) : endOfPlain(line, at)
    cells.push(quoted ? line.slice(at + 1, end - 1).replaceAll('""', '"') : line.slice(at, end))
    if (end >= line.length) return cells
    if (line[end] !== ',') throw new KeyCommandError('after a closing quote comes neither a comma nor the end')
    at = end + 1
  }
}

function endOfPlain(line: string, from: number): number {
  const comma = line.indexOf(',', from)
  return comma === -1 ? line.length : comma
}

/** The place after the closing quote. */
function endOfQuoted(line: string, from: number): number {
  for (let quote = line.indexOf('"', from); quote !== -1; quote = line.indexOf('"', quote + 2)) {
    if (line[quote + 1] !== '"') return quote + 1
  }
  throw new KeyCommandError('a quote is not closed')
}
