import { createHash } from 'node:crypto'
import { parse, print, stripIgnoredCharacters } from 'graphql'

/** The documents that may run, by their ids and by what they say. */
export interface AllowList {
  /** The text of a document. */
  find(id: string): string | null
  /** Whether a text says what one of the documents says, however it is laid out. */
  has(text: string): boolean
}

/** @throws with words for the operator where the text is no allow-list */
export function parseAllowList(json: string, path: string): AllowList {
  const documents = new Map<string, string>()
  const digests = new Set<string>()
  const value: unknown = JSON.parse(json)
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new Error(`${path}: is no object of ids and documents`)
  }
  for (const [id, text] of Object.entries(value)) {
    if (typeof text !== 'string') throw new Error(`${path}: the document "${id}" is no text`)
    try {
      print(parse(text))
    } catch (error) {
      throw new Error(`${path}: the document "${id}" is not GraphQL: ${(error as Error).message}`)
    }
    documents.set(id, text)
    digests.add(digest(text))
  }
  return { find: (id) => documents.get(id) ?? null, has: (text) => digests.has(digest(text)) }
}

/** Of a document that was parsed; white space and comments do not count. */
function digest(text: string): string {
  return createHash('sha256').update(stripIgnoredCharacters(text)).digest('hex')
}
