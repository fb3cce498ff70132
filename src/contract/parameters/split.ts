import type { ParameterStyle } from '../../openapi/operation.ts'
import type { Raw } from './coerce.ts'
import type { Shape } from './value-shape.ts'

/** How one text is taken apart. */
export interface Style {
  readonly style: ParameterStyle
  readonly explode: boolean
}

/** The value, or null where the text is not written in that style. */
export type Split = Raw | null

const separators: Readonly<Record<ParameterStyle, string>> = {
  simple: ',',
  form: ',',
  label: ',',
  matrix: ',',
  spaceDelimited: ' ',
  pipeDelimited: '|',
  deepObject: ',',
}

/**
 * Takes one text apart (OpenAPI 3.1 section 4.8.12.2). The text is decoded, so that a comma within a value separates
 * like any other: that is how servers read it as well.
 */
export function split(text: string, name: string, { style, explode }: Style, shape: Shape): Split {
  switch (style) {
    case 'label':
      return text.startsWith('.') ? splitBy(text.slice(1), explode ? '.' : ',', shape, explode) : null
    case 'matrix':
      return splitMatrix(text, name, explode, shape)
    default:
      return splitBy(text, separators[style], shape, style === 'simple' && explode)
  }
}

function splitBy(text: string, separator: string, shape: Shape, hasNames: boolean): Split {
  if (shape === 'primitive') return text
  const texts = text.split(separator)
  if (shape === 'array') return texts
  return hasNames ? toNamed(texts) : toPairs(texts)
}

/** `a=1`, `b=2` */
function toNamed(texts: readonly string[]): Split {
  const named = new Map<string, string>()
  for (const text of texts) {
    const equals = text.indexOf('=')
    const key = equals === -1 ? text : text.slice(0, equals)
    if (equals === -1 || named.has(key)) return null
    named.set(key, text.slice(equals + 1))
  }
  return named
}

/** `a`, `1`, `b`, `2` */
function toPairs(texts: readonly string[]): Split {
  const named = new Map<string, string>()
  for (let i = 0; i < texts.length; i += 2) {
    const [key, value] = [texts[i] as string, texts[i + 1]]
    if (value === undefined || named.has(key)) return null
    named.set(key, value)
  }
  return named
}

function splitMatrix(text: string, name: string, explode: boolean, shape: Shape): Split {
  if (!text.startsWith(';')) return null
  const parts = text.slice(1).split(';')
  if (explode && shape === 'object') return toNamed(parts)
  const values = parts.map((part) =>
    part.startsWith(`${name}=`) ? part.slice(name.length + 1) : part === name ? '' : null,
  )
  if (values.includes(null)) return null
  if (explode && shape === 'array') return values as string[]
  return values.length === 1 ? splitBy(values[0] as string, ',', shape, false) : null
}
