import { createReadStream } from 'node:fs'
import { readFile, stat } from 'node:fs/promises'
import { LineError, readLines } from '../../keys/read-lines.ts'
import { readCsv } from './csv.ts'
import { type Entry, EntryError, toObject, type Values } from './entry.ts'
import { checkField } from './fields.ts'

export const importFormats = ['jsonl', 'json', 'csv'] as const

export type ImportFormat = (typeof importFormats)[number]

/** A whole document has to be in memory. */
const maxDocumentBytes = 256 * 1024 * 1024
const lists = new Set(['roles', 'scopes'])
const flags = new Set(['disabled', 'emailVerified'])

/** The users of a file, one after the other. Throws an `EntryError` where it is no such file. */
export async function* readEntries(path: string, format: ImportFormat): AsyncGenerator<Entry> {
  try {
    if (format === 'json') yield* readDocument(path)
    else if (format === 'csv') yield* readTable(path)
    else yield* readJsonLines(path)
  } catch (error) {
    throw error instanceof LineError ? new EntryError(error.message) : error
  }
}

async function* readJsonLines(path: string): AsyncGenerator<Entry> {
  for await (const { number, text } of readLines(createReadStream(path))) {
    if (text.trim() === '') continue
    yield { at: `line ${number}`, read: () => parse(text) }
  }
}

function parse(text: string): Values {
  let value: unknown = null
  try {
    value = JSON.parse(text)
  } catch {}
  return toObject(value)
}

/** A list of users, or an object that holds one as `users`, as exports of Keycloak and Firebase do. */
async function* readDocument(path: string): AsyncGenerator<Entry> {
  if ((await stat(path)).size > maxDocumentBytes) {
    throw new EntryError('a JSON document has 256 MiB at most: write one user on each line instead (--format jsonl)')
  }
  let document: unknown
  try {
    document = JSON.parse((await readFile(path, 'utf8')).replace(/^\uFEFF/, ''))
  } catch (error) {
    if (error instanceof SyntaxError) throw new EntryError('it is no JSON document')
    throw error
  }
  const users = Array.isArray(document) ? document : (document as { users?: unknown } | null)?.users
  if (!Array.isArray(users))
    throw new EntryError('it is neither a list of users nor an object that holds one as `users`')
  for (const [i, user] of users.entries()) yield { at: `user ${i + 1}`, read: () => toObject(user) }
}

/** Cells are text; the words of a list stand side by side, `attributes` is JSON, and what is empty is not there. */
async function* readTable(path: string): AsyncGenerator<Entry> {
  let names: readonly string[] | null = null
  for await (const { line, cells } of readCsv(readLines(createReadStream(path)))) {
    if (names === null) names = toNames(line, cells)
    else yield toEntry(line, names, cells)
  }
}

/** What is wrong here would be wrong in each line. */
function toNames(line: number, cells: readonly string[]): readonly string[] {
  const names = cells.map((name) => name.trim())
  const at = `line ${line}`
  for (const name of names) checkField(name, at)
  if (new Set(names).size !== names.length) throw new EntryError('it names a field twice', at)
  return names
}

function toEntry(line: number, names: readonly string[], cells: readonly string[]): Entry {
  return {
    at: `line ${line}`,
    read() {
      if (cells.length !== names.length) throw new EntryError(`it has ${cells.length} cells, not ${names.length}`)
      const filled = names.map((name, i) => [name, cells[i] as string] as const).filter(([, cell]) => cell !== '')
      return Object.fromEntries(filled.map(([name, cell]) => [name, toValue(name, cell)]))
    },
  }
}

function toValue(name: string, cell: string): unknown {
  if (lists.has(name)) return cell.split(/[\s;]+/).filter((word) => word !== '')
  if (flags.has(name)) return /^(true|t|1|yes)$/i.test(cell) || (/^(false|f|0|no)$/i.test(cell) ? false : cell)
  return name === 'attributes' ? parse(cell) : cell
}
