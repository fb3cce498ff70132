import { parseTarget } from '../core/path.ts'

/** A path template as requests are compared with it. */
export interface PathTemplate {
  readonly text: string
  /** For `PathTable`: whole segments, whose parameters are called by their place. */
  readonly pattern: string
  /** By the places of segments that hold parameters. */
  readonly segments: ReadonlyMap<string, SegmentTemplate>
}

/** `{name}` alone, or between fixed text: `report-{year}.{format}` has the literals `report-`, `.` and an empty one. */
export interface SegmentTemplate {
  readonly literals: readonly string[]
  readonly names: readonly string[]
}

const parameter = /\{([^{}/]+)\}/g

/** The names of a template's parameters, each once. */
export function readNames(template: string): string[] {
  return [...new Set([...template.matchAll(parameter)].map(([, written = '']) => toName(written)))]
}

/** Null for what is no template: braces that do not fit, or a greedy parameter before the end. */
export function parseTemplate(text: string): PathTemplate | null {
  if (!text.startsWith('/') || /[?#]/.test(text)) return null
  const parts = text.slice(1).split('/')
  const segments = new Map<string, SegmentTemplate>()
  const pattern = parts.map((part, i) => {
    const literals = part.split(parameter).filter((_, place) => place % 2 === 0)
    if (literals.some((literal) => /[{}]/.test(literal))) return null
    const written = [...part.matchAll(parameter)].map(([, name = '']) => name)
    if (written.length === 0) return escapeLiteral(part)
    segments.set(String(i), { literals: literals.map(escapeLiteral), names: written.map(toName) })
    const isRest = written.length === 1 && literals.join('') === '' && isGreedy(written[0] as string)
    if (isRest) return i === parts.length - 1 ? `{${i}*}` : null
    return `{${i}}`
  })
  return pattern.includes(null) ? null : { text, pattern: `/${pattern.join('/')}`, segments }
}

/** Adds what the parameters of one segment stand for; false where its text does not fit. */
export function readSegment(segment: SegmentTemplate, value: string, params: Map<string, string>): boolean {
  const { literals, names } = segment
  const [first = ''] = literals
  if (names.length === 1 && first === '' && literals[1] === '') {
    params.set(names[0] as string, value)
    return true
  }
  if (!value.startsWith(first)) return false
  let at = first.length
  for (const [i, name] of names.entries()) {
    const literal = literals[i + 1] as string
    const isLast = i === names.length - 1
    // Every parameter stands for one character at least.
    const end = literal === '' ? (isLast ? value.length : at + 1) : findEnd(value, literal, at + 1, isLast)
    if (end <= at || end > value.length) return false
    params.set(name, value.slice(at, end))
    at = end + literal.length
  }
  return at === value.length
}

function findEnd(value: string, literal: string, from: number, isLast: boolean): number {
  if (!isLast) return value.indexOf(literal, from)
  return value.endsWith(literal) ? value.length - literal.length : -1
}

/** `{name+}`, `{+name}` and `{name*}`, as gateways and RFC 6570 write it, stand for the rest. */
function isGreedy(written: string): boolean {
  return /^\+|[+*]$/.test(written)
}

function toName(written: string): string {
  return isGreedy(written) ? written.replace(/^\+|[+*]$/g, '') : written
}

/** As normalised paths are written. */
function escapeLiteral(text: string): string {
  const escaped = text.toWellFormed().replace(/[^\x21-\x7e]+/g, encodeURIComponent)
  const parsed = parseTarget(`/${escaped}`)
  return 'kind' in parsed ? escaped : parsed.path.slice(1)
}
