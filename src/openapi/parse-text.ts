import { LineCounter, parseDocument } from 'yaml'
import { DocumentError, type Position } from './document-error.ts'
import { locateInJson } from './locate-in-json.ts'

/** YAML takes a hundred times longer to read than JSON, and as much memory. */
const maxYamlLength = 8 * 1024 * 1024

/**
 * Reads the text of one file. JSON is read as what it is, as large documents are JSON.
 * @throws `DocumentError`, whose message holds the line
 */
export function parseText(text: string, file: string): unknown {
  const at = { file, tokens: [] }
  if (isJson(text)) {
    try {
      return JSON.parse(text) as unknown
    } catch (error) {
      const { message } = error as Error
      const position = toPosition(text, toOffset(message, text.length))
      throw new DocumentError(at, message.replace(/ in JSON at position .*$/, ''), { position })
    }
  }
  if (text.length > maxYamlLength) {
    throw new DocumentError(at, 'a YAML file of more than 8 MiB is not read', { hint: 'Convert it to JSON.' })
  }
  const lines = new LineCounter()
  const document = parseDocument(text, { prettyErrors: false, logLevel: 'error', lineCounter: lines })
  const [error] = document.errors
  if (error !== undefined) {
    const { line, col } = lines.linePos(error.pos[0])
    throw new DocumentError(at, error.message, { position: { line, column: col } })
  }
  try {
    return document.toJS({ maxAliasCount: 1000 }) as unknown
  } catch (aliases) {
    throw new DocumentError(at, (aliases as Error).message)
  }
}

/** Finds where pointers lead to in a text that can be read: the nearest place above where there is no such value. */
export function createPositions(text: string): (tokens: readonly string[]) => Position {
  if (isJson(text)) return (tokens) => toPosition(text, locateInJson(text, tokens))
  const lines = new LineCounter()
  const document = parseDocument(text, { prettyErrors: false, logLevel: 'error', lineCounter: lines })
  return (tokens) => {
    for (let length = tokens.length; length > 0; length--) {
      const node = document.getIn(tokens.slice(0, length), true) as { readonly range?: readonly [number] } | undefined
      if (node?.range === undefined) continue
      const { line, col } = lines.linePos(node.range[0])
      return { line, column: col }
    }
    return { line: 1, column: 1 }
  }
}

/** As opposed to YAML, whose flow mappings begin alike but rarely with a quote. */
export function isJson(text: string): boolean {
  return /^\s*[{[]/.test(text) && !/^\s*\{[^"\s}]/.test(text)
}

function toOffset(message: string, end: number): number {
  const [, found] = /at position (\d+)/.exec(message) ?? []
  return found === undefined ? end : Number(found)
}

function toPosition(text: string, offset: number): Position {
  const before = text.slice(0, offset)
  const start = before.lastIndexOf('\n') + 1
  return { line: before.split('\n').length, column: offset - start + 1 }
}
