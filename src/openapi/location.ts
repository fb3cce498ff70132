/** A place in one of a document's files. */
export interface Location {
  /** Relative to the folder of the document, with `/`. */
  readonly file: string
  /** The tokens of a JSON pointer. */
  readonly tokens: readonly string[]
}

/** A value with its place. */
export interface Node extends Location {
  readonly value: unknown
}

const maxReferenceLength = 2000

/** `openapi.yaml#/paths/~1orders/get` */
export function toLocationText({ file, tokens }: Location): string {
  const pointer = tokens.map((token) => `/${token.replaceAll('~', '~0').replaceAll('/', '~1')}`).join('')
  return `${file}#${pointer.length > 300 ? `${pointer.slice(0, 300)}…` : pointer}`
}

export function childNode(node: Node, key: string | number): Node {
  const { value } = node
  const isOwn = typeof value === 'object' && value !== null && Object.hasOwn(value, key)
  const child = isOwn ? (value as Record<string | number, unknown>)[key] : undefined
  return { file: node.file, tokens: [...node.tokens, String(key)], value: child }
}

/** What a reference names: a file, empty for its own, and the tokens of a pointer or an anchor. */
export type Reference =
  | { readonly kind: 'pointer'; readonly file: string; readonly tokens: readonly string[] }
  | { readonly kind: 'anchor'; readonly file: string; readonly anchor: string }
  | { readonly kind: 'refused'; readonly message: string; readonly hint: string | null }

/** Reads a `$ref`. Only files are followed: a document that fetches would let whoever writes it see into a network. */
export function parseReference(text: string): Reference {
  if (text.length > maxReferenceLength) return refused('the reference is too long')
  const mark = text.indexOf('#')
  const file = decode(mark === -1 ? text : text.slice(0, mark))
  const fragment = decode(mark === -1 ? '' : text.slice(mark + 1))
  if (file === null || fragment === null) return refused('the reference has a broken escape')
  if (/^[a-z][a-z0-9+.-]*:/i.test(file) || file.startsWith('//')) {
    return refused('a reference to a URL is not followed', 'Save the file beside the document and refer to it there.')
  }
  if (file.startsWith('/') || /[\\\0]/.test(file)) {
    return refused('a reference leads to files beside the document only', 'Write a relative path.')
  }
  if (fragment === '') return { kind: 'pointer', file, tokens: [] }
  if (!fragment.startsWith('/')) return { kind: 'anchor', file, anchor: fragment }
  const tokens = fragment.slice(1).split('/')
  return { kind: 'pointer', file, tokens: tokens.map((one) => one.replaceAll('~1', '/').replaceAll('~0', '~')) }
}

/** The file that a reference from another one means; null where that lies outside of the document's folder. */
export function resolveFile(from: string, file: string): string | null {
  if (file === '') return from
  const parts = from.split('/').slice(0, -1)
  for (const part of file.split('/')) {
    if (part === '' || part === '.') continue
    if (part !== '..') parts.push(part)
    else if (parts.pop() === undefined) return null
  }
  return parts.join('/')
}

function refused(message: string, hint: string | null = null): Reference {
  return { kind: 'refused', message, hint }
}

function decode(text: string): string | null {
  try {
    return decodeURIComponent(text)
  } catch {
    return null
  }
}
