import type { Fields } from '../../core/fields.ts'

/** How a body is read; each form has a file of its own. */
export type Form = 'json' | 'form' | 'markup' | 'text'

/** What the fields of a message say of its body. */
export interface MediaType {
  /** As the log shows it; `unknown` where the field is missing or is none. */
  readonly type: string
  /** Null where the body is not recorded. */
  readonly form: Form | null
  /** Why it is not recorded; null where it is. */
  readonly note: string | null
}

const typeSyntax = /^[a-z0-9][a-z0-9!#$&^_.+-]{0,63}\/[a-z0-9][a-z0-9!#$&^_.+-]{0,63}$/
const readable = new Set(['utf-8', 'utf8', 'us-ascii', 'ascii'])
const forms: ReadonlyMap<string, Form> = new Map([
  ['application/json', 'json'],
  ['text/json', 'json'],
  ['application/x-www-form-urlencoded', 'form'],
  ['application/xml', 'markup'],
  ['text/xml', 'markup'],
  ['text/html', 'markup'],
])

/** Reads `Content-Type` and what else decides whether the bytes are text that can be searched for secrets. */
export function readMediaType(headers: Fields): MediaType {
  const values = headers.all('content-type')
  const [essence = '', ...parameters] = (values[0] ?? '').toLowerCase().split(';')
  const type = typeSyntax.test(essence.trim()) ? essence.trim() : 'unknown'
  const leave = (note: string): MediaType => ({ type, form: null, note })
  if (values.length > 1 || type === 'unknown') return leave('no media type')
  const form = formOf(type)
  if (form === null) return leave('not text')
  if (isEncoded(headers.all('content-encoding'))) return leave('encoded')
  // What does not begin at the beginning may begin within a secret.
  if (headers.has('content-range')) return leave('a part only')
  if (!parameters.every(isReadable)) return leave('another charset')
  return { type, form, note: null }
}

function formOf(type: string): Form | null {
  const known = forms.get(type)
  if (known !== undefined) return known
  if (type.endsWith('+json')) return 'json'
  if (type.endsWith('+xml')) return 'markup'
  return type.startsWith('text/') ? 'text' : null
}

function isEncoded(codings: readonly string[]): boolean {
  return codings.some((value) =>
    value.split(',').some((coding) => !['', 'identity'].includes(coding.trim().toLowerCase())),
  )
}

function isReadable(parameter: string): boolean {
  const [name = '', value = ''] = parameter.split('=')
  return name.trim() !== 'charset' || readable.has(value.trim().replace(/^"(.*)"$/, '$1'))
}
