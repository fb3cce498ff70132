import type { Pair } from '../../input/pairs.ts'
import type { ParameterStyle } from '../../openapi/operation.ts'

/** How a value is written; the other way round than it is read. */
export interface Writing {
  readonly name: string
  readonly style: ParameterStyle
  readonly explode: boolean
  readonly contentType: string | null
}

const separators: Partial<Record<ParameterStyle, string>> = { spaceDelimited: ' ', pipeDelimited: '|' }

/** Writes a path segment or a header field, not encoded. */
export function writeText(value: unknown, { name, style, explode, contentType }: Writing): string {
  if (contentType !== null) return JSON.stringify(value)
  const entries = entriesOf(value)
  switch (style) {
    case 'label': {
      const separator = explode ? '.' : ','
      return `.${entries === null ? textsOf(value).join(separator) : writeMembers(entries, separator, explode)}`
    }
    case 'matrix': {
      if (entries !== null && explode) return `;${writeMembers(entries, ';', true)}`
      if (explode)
        return textsOf(value)
          .map((text) => `;${name}=${text}`)
          .join('')
      return `;${name}=${entries === null ? textsOf(value).join(',') : writeMembers(entries, ',', false)}`
    }
    default:
      return entries === null ? textsOf(value).join(',') : writeMembers(entries, ',', explode)
  }
}

/** Writes the pairs of a query, a form or cookies, not encoded. */
export function writePairs(value: unknown, { name, style, explode, contentType }: Writing): readonly Pair[] {
  if (contentType !== null) return [[name, JSON.stringify(value)]]
  const entries = entriesOf(value)
  const separator = separators[style] ?? ','
  if (entries === null) {
    const texts = textsOf(value)
    return explode && Array.isArray(value) ? texts.map((text) => [name, text]) : [[name, texts.join(separator)]]
  }
  if (style === 'deepObject') return entries.map(([key, text]) => [`${name}[${key}]`, text])
  return explode ? entries : [[name, writeMembers(entries, separator, false)]]
}

/** Encodes what would end a name or a value. */
export function encodePairs(pairs: readonly Pair[]): string {
  return pairs.map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`).join('&')
}

function entriesOf(value: unknown): readonly Pair[] | null {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return null
  return Object.entries(value).map(([key, each]) => [key, textOf(each)])
}

function writeMembers(entries: readonly Pair[], separator: string, hasNames: boolean): string {
  return entries.map(([key, text]) => (hasNames ? `${key}=${text}` : `${key}${separator}${text}`)).join(separator)
}

function textsOf(value: unknown): string[] {
  return Array.isArray(value) ? value.map(textOf) : [textOf(value)]
}

function textOf(value: unknown): string {
  return value === null ? '' : String(value)
}
