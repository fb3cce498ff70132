import { Validator } from '@seriousme/openapi-schema-validator'
import { parsePointer } from '../../core/pointer-tree.ts'
import type { GatheredDocument } from '../../openapi/gather-document.ts'
import type { Location } from '../../openapi/location.ts'

/** Longer documents take seconds, and say by then what they say. */
const maxLength = 4 * 1024 * 1024
const most = 20
/** They only say that something below them is wrong. */
const frames = new Set(['if', 'oneOf', 'anyOf', 'allOf'])

/** What the standard's own schema says of a document: it costs a second, so nothing but `check` asks. */
export async function checkAgainstStandard({
  root,
  files,
}: GatheredDocument): Promise<{ readonly at: Location; readonly text: string }[]> {
  const text = files[root] as string
  if (text.length > maxLength) return []
  const { valid, errors } = await new Validator().validate(JSON.parse(text))
  if (valid || !Array.isArray(errors)) return []
  const told = errors.filter(({ keyword }) => !frames.has(keyword)).slice(0, most)
  return told.map(({ instancePath, message = 'is not as the standard has it' }) => ({
    at: { file: root, tokens: parsePointer(instancePath) ?? [] },
    text: `${instancePath === '' ? 'the document' : instancePath} ${message}`,
  }))
}
