import { dirname, relative, resolve, sep } from 'node:path'
import { compileWithFiles } from '../../config/compile-with-files.ts'
import { checkDocuments } from '../check/check-documents.ts'
import type { Draft } from './draft.ts'
import { renderDraft } from './render-draft.ts'

interface Settled {
  readonly draft: Draft
  readonly text: string
}

/**
 * Holds requests to the document that the routes are from. One that cannot be kept to gives routes only, and it is said
 * why.
 * @param file what the policy file will be called
 */
export async function addContract({ draft, text }: Settled, openapi: string, file: string): Promise<Settled> {
  if (draft.routes.length === 0) return { draft, text }
  const contract = relative(dirname(resolve(file)), resolve(openapi))
    .split(sep)
    .join('/')
  const held = { ...draft, contract }
  const heldText = renderDraft(held)
  const problem = await findProblem(heldText, file)
  if (problem === null) return { draft: held, text: heldText }
  const without = { ...draft, warnings: [...draft.warnings, `requests are not held to the document: ${problem}`] }
  return { draft: without, text: renderDraft(without) }
}

/** What `portcullis check` would say of it. */
async function findProblem(text: string, file: string): Promise<string | null> {
  const compiled = await compileWithFiles(text, { file })
  if (!compiled.ok) {
    const [first] = compiled.errors
    const { position } = first ?? {}
    const place = position ? `${position.file}:${position.line}:${position.column}: ` : ''
    return `${place}${first?.message}`
  }
  const wrong = (await checkDocuments(compiled.snapshot)).find(({ severity }) => severity === 'error')
  return wrong?.text ?? null
}
