import { dirname, join, resolve } from 'node:path'
import type { FileProblem } from '../../core/policy.ts'
import { DocumentError } from '../../openapi/document-error.ts'
import { type GatheredDocument, gatherDocument } from '../../openapi/gather-document.ts'
import { OpenApiDocument } from '../../openapi/open-api-document.ts'
import type { ConfigError } from '../config-error.ts'
import { readTextFile } from '../read-text-file.ts'

export interface ReadDocument {
  readonly gathered: GatheredDocument
  readonly opened: OpenApiDocument
}

/** By the names that the policy file has for them; null for those in which something is wrong. */
export type ReadDocuments = ReadonlyMap<string, ReadDocument | null>

export interface DocumentReading {
  readonly documents: ReadDocuments
  readonly errors: readonly ConfigError[]
  /** Absolute paths: a change of one of them calls for a reload. */
  readonly files: readonly string[]
}

/** Reads the documents that a policy file names, with all that they refer to. */
export async function readDocuments(names: readonly string[], baseFolder: string): Promise<DocumentReading> {
  const documents = new Map<string, ReadDocument | null>()
  const errors: ConfigError[] = []
  const files = new Set<string>()
  for (const name of names) {
    const gathered = await gatherDocument(resolve(baseFolder, name), readTextFile)
    for (const path of gathered.paths) files.add(path)
    const read = gathered.ok ? open(gathered.document, gathered.values) : gathered.problems
    documents.set(name, 'opened' in read ? read : null)
    if (!('opened' in read)) errors.push(...read.map((problem) => toError(name, problem)))
  }
  return { documents, errors, files: [...files] }
}

function open(gathered: GatheredDocument, values: ReadonlyMap<string, unknown>): ReadDocument | readonly FileProblem[] {
  try {
    return { gathered, opened: new OpenApiDocument(gathered, values) }
  } catch (error) {
    if (!(error instanceof DocumentError)) throw error
    return [error.toProblem(() => null)]
  }
}

/** Files of a document are told by their paths from the policy file's folder, as the document itself is. */
function toError(name: string, { file, line, column, message, hint }: FileProblem): ConfigError {
  const shown = join(dirname(name), file)
  return { file: shown, position: line === null ? null : { file: shown, line, column }, path: '', message, hint }
}
