import type { Bundle, Draft } from './bundle-schema.ts'
import { DocumentError } from './document-error.ts'
import { childNode, type Node, toLocationText } from './location.ts'
import { isPlain } from './plain.ts'

/** A schema and the values of the property that stand for it. */
interface Choice {
  readonly target: Node
  readonly values: string[]
}

/**
 * Has the discriminator choose among the schemas of `oneOf` or `anyOf`: the one that its property names must fit, so
 * that what is told of a body that fits none is told of that one.
 */
export function discriminate(node: Node, draft: Draft, bundle: Bundle): void {
  const list = draft.oneOf === undefined ? 'anyOf' : 'oneOf'
  const entries = childNode(node, list)
  const choices = (entries.value as readonly unknown[]).map((_, i): Choice => {
    const entry = childNode(entries, i)
    const { value } = entry
    if (!isPlain(value) || typeof value.$ref !== 'string') {
      throw new DocumentError(entry, 'beside a discriminator, each schema must be a reference')
    }
    return { target: bundle.resolver.target(entry, value.$ref), values: [] }
  })
  delete draft[list]
  choose(node, choices, draft, bundle)
}

/** The same for a schema that others build on through `allOf`, wherever they stand under `components`. */
export function discriminateParent(node: Node, draft: Draft, bundle: Bundle): void {
  const schemas = childNode(childNode(bundle.resolver.root, 'components'), 'schemas')
  const names = isPlain(schemas.value) ? Object.keys(schemas.value) : []
  const children = names
    .map((name) => childNode(schemas, name))
    .filter((one) => buildsOn(one, node, bundle))
    .map((target): Choice => ({ target, values: [] }))
  choose(node, children, draft, bundle)
}

function buildsOn(schema: Node, parent: Node, { resolver }: Bundle): boolean {
  const all = childNode(schema, 'allOf')
  if (!Array.isArray(all.value)) return false
  return all.value.some((entry: unknown) => {
    if (!isPlain(entry) || typeof entry.$ref !== 'string') return false
    return toLocationText(resolver.target(all, entry.$ref)) === toLocationText(parent)
  })
}

function choose(node: Node, choices: Choice[], draft: Draft, bundle: Bundle): void {
  const discriminator = childNode(node, 'discriminator')
  const { propertyName, mapping, defaultMapping } = discriminator.value as Readonly<Record<string, unknown>>
  if (typeof propertyName !== 'string') throw new DocumentError(discriminator, '`propertyName` must be a text')
  for (const [value, text] of Object.entries(isPlain(mapping) ? mapping : {})) {
    const target = findTarget(discriminator, text, bundle)
    const known = choices.find((one) => isSame(one.target, target))
    if (known === undefined) choices.push({ target, values: [value] })
    else known.values.push(value)
  }
  // A schema that the mapping leaves out goes by its name.
  for (const { target, values } of choices) if (values.length === 0) values.push(target.tokens.at(-1) ?? target.file)
  if (choices.length === 0) return
  const values = choices.flatMap((one) => one.values)
  const when = (names: readonly string[]) => ({
    properties: { [propertyName]: { enum: names } },
    required: [propertyName],
  })
  const otherwise =
    defaultMapping === undefined
      ? { required: [propertyName], properties: { [propertyName]: { enum: values } } }
      : branch({ not: when(values) }, bundle.refer(findTarget(discriminator, defaultMapping, bundle)))
  const branches = choices.map((one) => branch(when(one.values), bundle.refer(one.target)))
  draft.allOf = [...((draft.allOf as unknown[] | undefined) ?? []), otherwise, ...branches]
}

function branch(condition: Draft, schema: Draft): Draft {
  // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema
  return { if: condition, then: schema }
}

/** A mapping holds references, or plain names of schemas. */
function findTarget(discriminator: Node, text: unknown, { resolver }: Bundle): Node {
  if (typeof text !== 'string') throw new DocumentError(discriminator, 'what it maps to must be a text')
  const isName = /^[A-Za-z0-9._-]+$/.test(text)
  const named = childNode(childNode(childNode(resolver.root, 'components'), 'schemas'), text)
  return isName && named.value !== undefined ? named : resolver.target(discriminator, text)
}

function isSame(a: Node, b: Node): boolean {
  return toLocationText(a) === toLocationText(b)
}
