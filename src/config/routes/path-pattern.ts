import { foldPath, parseTarget } from '../../core/path.ts'

/** A parsed path pattern. */
export interface PathPattern {
  readonly text: string
  readonly segments: readonly Segment[]
}

export type Segment =
  | { readonly kind: 'literal'; readonly text: string }
  /** Exactly one segment. */
  | { readonly kind: 'parameter'; readonly name: string }
  /** Everything that follows; always last. The name is null for `**`. */
  | { readonly kind: 'rest'; readonly name: string | null }

interface Problem {
  readonly message: string
  readonly hint: string | null
}

const placeholder = /^\{([A-Za-z_][A-Za-z0-9_]*)(\*)?\}$/
const possible = 'Write {name} for one segment, and {name*} or ** at the end for the rest.'

/** Reads `/orders/{id}`, `/files/{path*}` or `/files/**`; nothing else is a pattern. */
export function parsePathPattern(text: string, allowEncodedSlash: boolean): PathPattern | Problem {
  if (!text.startsWith('/')) return { message: 'a path begins with "/"', hint: `Write "/${text}".` }
  if (text.includes('?') || text.includes('#')) {
    return { message: 'a path holds no "?" and no "#"', hint: 'Routes match paths, not queries.' }
  }
  const parts = text.slice(1).split('/')
  const names = new Set<string>()
  const segments: Segment[] = []
  for (const [i, part] of parts.entries()) {
    const isLast = i === parts.length - 1
    if (part === '' && !isLast) return { message: 'a path holds no empty segment ("//")', hint: null }
    const segment = parseSegment(part)
    if ('message' in segment) return segment
    if (segment.kind === 'rest' && !isLast) return { message: `"${part}" can only stand at the end`, hint: possible }
    if (segment.kind !== 'literal' && segment.name !== null) {
      if (names.has(segment.name)) return { message: `the parameter "${segment.name}" stands twice`, hint: null }
      names.add(segment.name)
    }
    segments.push(segment)
  }
  return checkLiterals({ text, segments }, allowEncodedSlash) ?? { text, segments }
}

function parseSegment(part: string): Segment | Problem {
  if (part === '**') return { kind: 'rest', name: null }
  const match = placeholder.exec(part)
  if (match !== null) {
    const name = match[1] as string
    return match[2] === undefined ? { kind: 'parameter', name } : { kind: 'rest', name }
  }
  if (/[{}]/.test(part)) {
    return { message: `"${part}" is not a parameter: {name} stands for a whole segment`, hint: possible }
  }
  if (part.includes('*')) return { message: `"${part}" is not a pattern that is known here`, hint: possible }
  if (part.startsWith(':')) return { message: `"${part}" is not a pattern that is known here`, hint: possible }
  return { kind: 'literal', text: part }
}

/** Requests are matched in normalised form only, so a literal in another form could never be reached. */
function checkLiterals({ segments }: PathPattern, allowEncodedSlash: boolean): Problem | null {
  for (const segment of segments) {
    if (segment.kind !== 'literal' || segment.text === '') continue
    if (segment.text.includes(';')) {
      return { message: 'a path holds no ";": servers disagree on what it means', hint: null }
    }
    if (!isAscii(segment.text)) {
      const hint = `Write "${encodeURIComponent(segment.text)}".`
      return { message: 'no request reaches this: paths come percent-encoded', hint }
    }
    const parsed = parseTarget(`/${segment.text}`)
    if ('kind' in parsed) return { message: `no request reaches this: ${parsed.detail}`, hint: null }
    if (parsed.path !== `/${segment.text}`) {
      return {
        message: 'no request reaches this: paths are normalised first',
        hint: `Write "${parsed.path.slice(1)}".`,
      }
    }
    if (parsed.encodedSlash && !allowEncodedSlash) {
      return {
        message: 'no request reaches this: encoded slashes are refused',
        hint: 'Set `allow: { encodedSlash: true }`.',
      }
    }
  }
  return null
}

function isAscii(text: string): boolean {
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) > 0x7e) return false
  return true
}

/** Patterns with equal shapes match the same paths: names do not count. */
export function toShape(pattern: PathPattern): string {
  return shapeWith(pattern, (text) => text)
}

/** Patterns with equal folded shapes are one to a careless upstream, so the gateway would refuse paths of both. */
export function toFoldedShape(pattern: PathPattern): string {
  const folded = shapeWith(pattern, foldLiteral)
  return folded.length > 1 && folded.endsWith('/') ? folded.slice(0, -1) : folded
}

/** A fixed segment as careless servers read it. */
export function foldLiteral(text: string): string {
  return escapeMarks(foldPath(`/${text}`).slice(1))
}

/** Unescaped by folding, what marks a parameter or the rest would make one of fixed text. */
export function escapeMarks(folded: string): string {
  return folded.replaceAll('{', '%7b').replaceAll('*', '%2a')
}

function shapeWith({ segments }: PathPattern, toText: (literal: string) => string): string {
  const marks = { parameter: '{}', rest: '{*}' }
  return segments.map((one) => `/${one.kind === 'literal' ? toText(one.text) : marks[one.kind]}`).join('')
}

/** Whether a pattern begins with this fixed path, at the end of a segment. */
export function beginsWith({ segments }: PathPattern, prefix: string): boolean {
  const parts = prefix.slice(1).split('/')
  return parts.every((part, i) => {
    const segment = segments[i]
    return segment?.kind === 'literal' && segment.text === part
  })
}
