import { dirname, join, resolve } from 'node:path'
import { readTextFile } from '../../config/read-text-file.ts'
import type { Snapshot } from '../../config/snapshot.ts'
import { DocumentContract } from '../../contract/document-contract.ts'
import { type Documents, documentsBlock } from '../../openapi/documents-block.ts'
import type { GatheredDocument } from '../../openapi/gather-document.ts'
import type { Location } from '../../openapi/location.ts'
import { OpenApiDocument } from '../../openapi/open-api-document.ts'
import { createPositions } from '../../openapi/parse-text.ts'
import { checkAgainstStandard } from './check-against-standard.ts'
import { findDrift } from './document-drift.ts'
import type { Finding } from './finding.ts'

/** The most that is told of one document. */
const most = 100
const maxBytes = 32 * 1024 * 1024
const strict = { unknownProperties: 'refuse', unknownQuery: 'refuse', unknownCookies: 'refuse', xml: 'pass' } as const

/** Looks whether each operation of a document can be kept to, whether it is one, and how routes differ from it. */
export async function checkDocuments(snapshot: Snapshot): Promise<Finding[]> {
  const documents = Object.entries((snapshot.blocks[documentsBlock] as Documents | undefined) ?? {})
  const found = await Promise.all(documents.map(([name, gathered]) => checkDocument(name, gathered, snapshot)))
  return found.flat()
}

async function checkDocument(name: string, gathered: GatheredDocument, snapshot: Snapshot): Promise<Finding[]> {
  const document = new OpenApiDocument(gathered)
  const place = await createPlaces(name, snapshot.baseFolder)
  const broken = findBroken(document)
  const drift = findDrift(name, document, snapshot.routes)
  const findings: Finding[] = [
    ...broken.map(({ at, text }): Finding => ({ severity: 'error', text: `${place(at)}: ${text}` })),
    ...(await checkAgainstStandard(gathered)).map(
      ({ at, text }): Finding => ({ severity: 'warning', text: `${place(at)}: ${text}` }),
    ),
    ...drift.map(
      ({ at, text }): Finding => ({ severity: 'warning', text: `${at === null ? name : place(at)}: ${text}` }),
    ),
  ]
  if (findings.length <= most) return findings
  const more = `${name}: ${findings.length - most} more findings are not shown`
  return [...findings.slice(0, most), { severity: broken.length > most ? 'error' : 'warning', text: more }]
}

/** Operations that requests cannot be held to: each of theirs would be refused. */
function findBroken(document: OpenApiDocument): { readonly at: Location; readonly text: string }[] {
  const contract = new DocumentContract(document, { basePath: '', request: strict, response: strict })
  return document.operations.flatMap((entry) => {
    const judged = contract.judgedOf(entry)
    const answers = typeof judged === 'string' ? judged : judged.response()
    return typeof answers === 'string' ? [{ at: entry.node, text: answers }] : []
  })
}

/** `openapi.yaml:12:5`, from the folder of the policy file; of other files of a document, their names alone. */
async function createPlaces(name: string, baseFolder: string): Promise<(at: Location) => string> {
  const text = await readTextFile(resolve(baseFolder, name), maxBytes)
  let positions: ReturnType<typeof createPositions> | null = null
  return ({ file, tokens }) => {
    const shown = join(dirname(name), file)
    if (shown !== join(name) || typeof text !== 'string') return shown
    positions ??= createPositions(text)
    const { line, column } = positions(tokens)
    return `${shown}:${line}:${column}`
  }
}
