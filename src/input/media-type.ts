/** What a `Content-Type` says (RFC 9110 section 8.3.1). */
export interface MediaType {
  /** Type and subtype in lower case, such as `application/json`. */
  readonly essence: string
  /** Names in lower case; values as they came, without their quotes. */
  readonly parameters: ReadonlyMap<string, string>
}

/** How a body is read. */
export type BodyKind = 'json' | 'form' | 'multipart' | 'xml' | 'text' | 'binary'

const essence = /^[a-z0-9!#$&^_.+-]{1,127}\/[a-z0-9!#$&^_.+-]{1,127}$/
const parameter =
  /^\s*([!#$%&'*+.^_`|~0-9A-Za-z-]{1,100})=(?:([!#$%&'*+.^_`|~0-9A-Za-z-]{1,200})|"((?:[^"\\]|\\["\\]){0,200})")\s*$/

/** Reads the field strictly: null where it is no media type, has a parameter twice, or one that cannot be read. */
export function parseMediaType(value: string): MediaType | null {
  if (value.length > 1000) return null
  const [type = '', ...rest] = splitUnquoted(value)
  const name = type.trim().toLowerCase()
  if (!essence.test(name)) return null
  const parameters = new Map<string, string>()
  for (const part of rest) {
    const match = parameter.exec(part)
    const key = match?.[1]?.toLowerCase()
    if (key === undefined || parameters.has(key)) return null
    parameters.set(key, match?.[2] ?? (match?.[3] ?? '').replace(/\\(.)/g, '$1'))
  }
  return { essence: name, parameters }
}

/** By type alone; `+json` and `+xml` are structured suffixes (RFC 6839). */
export function toBodyKind(type: string): BodyKind {
  if (type === 'application/json' || type.endsWith('+json')) return 'json'
  if (type === 'application/x-www-form-urlencoded') return 'form'
  if (type.startsWith('multipart/')) return 'multipart'
  if (type === 'application/xml' || type === 'text/xml' || type.endsWith('+xml')) return 'xml'
  return type.startsWith('text/') || type === 'application/graphql' ? 'text' : 'binary'
}

function splitUnquoted(value: string): string[] {
  if (!value.includes('"')) return value.split(';')
  const parts: string[] = []
  let start = 0
  let quoted = false
  for (let i = 0; i < value.length; i++) {
    const char = value[i]
    if (quoted && char === '\\') i++
    else if (char === '"') quoted = !quoted
    else if (char === ';' && !quoted) {
      parts.push(value.slice(start, i))
      start = i + 1
    }
  }
  parts.push(value.slice(start))
  return parts
}
