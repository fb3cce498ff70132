import { DocumentError } from './document-error.ts'
import { isPlain } from './plain.ts'

/** Members whose own members are named by the author: `properties: { example: … }` is a property. */
const namesBelow = new Set([
  ...['properties', 'patternProperties', '$defs', 'definitions', 'dependentSchemas'],
  ...['schemas', 'parameters', 'responses', 'headers', 'requestBodies', 'pathItems', 'callbacks', 'securitySchemes'],
  ...['paths', 'webhooks', 'content', 'encoding', 'links', 'mediaTypes'],
])
/** Members that hold data, in which `$ref` is data too. */
const dataBelow = new Set(['example', 'examples', 'default', 'enum', 'const'])
const maxDepth = 200

export interface FoundReference {
  readonly text: string
  readonly tokens: readonly string[]
}

const writtenReference = /"\$ref"\s*:\s*"((?:[^"\\]|\\.)*)"/g

/**
 * The references of a large JSON text, each once, without a walk through its values: those in examples too. Null where
 * only a walk tells what they are.
 */
export function scanReferences(text: string): ReadonlySet<string> | null {
  if (text.includes('"mapping"')) return null
  const found = new Set<string>()
  for (const [, written = ''] of text.matchAll(writtenReference)) {
    if (!written.startsWith('#/') || written.includes('\\')) return null
    found.add(written)
  }
  return found
}

/** Every reference in a file, and the anchors of its schemas, in one walk. */
export function walkReferences(
  file: string,
  root: unknown,
  found: (reference: FoundReference) => void,
): ReadonlyMap<string, readonly string[]> {
  const anchors = new Map<string, readonly string[]>()
  const path: string[] = []

  function walk(value: unknown, isNames: boolean): void {
    if (typeof value !== 'object' || value === null) return
    if (path.length > maxDepth) throw new DocumentError({ file, tokens: [...path] }, 'it is nested too deep')
    if (!isNames && isPlain(value)) note(value)
    for (const key of Object.keys(value)) {
      if (!isNames && (dataBelow.has(key) || key.startsWith('x-'))) continue
      const child = (value as Record<string, unknown>)[key]
      if (typeof child !== 'object' || child === null) continue
      path.push(key)
      walk(child, !isNames && namesBelow.has(key) && isPlain(child))
      path.pop()
    }
  }

  function note({ $ref, $anchor, discriminator }: Readonly<Record<string, unknown>>): void {
    if (typeof $ref === 'string') found({ text: $ref, tokens: [...path, '$ref'] })
    if (typeof $anchor === 'string') anchors.set($anchor, [...path])
    if (!isPlain(discriminator) || !isPlain(discriminator.mapping)) return
    for (const [name, text] of Object.entries(discriminator.mapping)) {
      if (typeof text !== 'string' || !/[#/.]/.test(text)) continue
      found({ text, tokens: [...path, 'discriminator', 'mapping', name] })
    }
  }

  walk(root, false)
  return anchors
}
