import type { Answer } from '../../core/answer.ts'
import { parseMediaType } from '../../input/media-type.ts'

/** How a body is read; null for what is no text. */
export type Form = 'json' | 'events' | 'text' | null

const textTypes =
  /^(?:text\/.*|application\/(?:xml|javascript|ecmascript|yaml|x-yaml|toml|sql|x-www-form-urlencoded)|.*\+(?:xml|yaml))$/
const jsonTypes = /^(?:(?:application|text)\/(?:x-)?(?:json|ndjson|json-seq|jsonlines)|.*\+json(?:-seq)?)$/
/** Encodings in which what is looked for stands as in ASCII. */
const charsets = /^(?:utf-?8|us-ascii|ascii|iso-?8859-\d{1,2}|windows-125\d|latin1|euc-(?:jp|kr))$/

/** What an answer's body is, or in words why nothing in it can be masked. */
export function readForm({ status, headers }: Answer): { readonly form: Form } | { readonly problem: string } {
  if (status === 206 || headers.has('content-range')) return { problem: 'it is a part' }
  const codings = headers.all('content-encoding').filter((one) => one.trim().toLowerCase() !== 'identity')
  if (codings.length > 0) return { problem: 'it is compressed' }
  const types = headers.all('content-type')
  if (types.length > 1) return { problem: 'it has several types' }
  const media = parseMediaType(types[0] ?? 'text/plain')
  if (media === null) return { problem: 'its type cannot be read' }
  const form = formOf(media.essence)
  const charset = media.parameters.get('charset')
  if (form !== null && charset !== undefined && !charsets.test(charset.toLowerCase())) {
    return { problem: 'it is in a charset that cannot be searched' }
  }
  return { form }
}

function formOf(type: string): Form {
  if (jsonTypes.test(type)) return 'json'
  if (type === 'text/event-stream') return 'events'
  return textTypes.test(type) ? 'text' : null
}
