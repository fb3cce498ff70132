import { bundleSchema } from './bundle-schema.ts'
import { DocumentError } from './document-error.ts'
import { childNode, type Node, toLocationText } from './location.ts'
import type { JsonSchema, ParameterContract, ParameterPlace, ParameterStyle } from './operation.ts'
import { isPlain, type Plain } from './plain.ts'
import type { Reading } from './read-operation.ts'

const styles: Readonly<Record<ParameterPlace, readonly ParameterStyle[]>> = {
  path: ['simple', 'label', 'matrix'],
  query: ['form', 'spaceDelimited', 'pipeDelimited', 'deepObject'],
  header: ['simple'],
  cookie: ['form'],
}

/** These are described by other parts of a document (OpenAPI 3.1 section 4.8.12.1). */
const ignoredHeaders = new Set(['accept', 'content-type', 'authorization'])

/** The parameters of an operation: its own stand before those of its path. */
export function readParameters(lists: readonly Node[], reading: Reading): ParameterContract[] {
  const found = new Map<string, ParameterContract>()
  for (const list of lists) {
    if (list.value === undefined) continue
    if (!Array.isArray(list.value)) throw new DocumentError(list, 'must be a list')
    const own = new Set<string>()
    list.value.forEach((_, i) => {
      const parameter = readParameter(reading.resolver.follow(childNode(list, i)), reading)
      if (parameter === null) return
      const key = `${parameter.in} ${parameter.in === 'header' ? parameter.name.toLowerCase() : parameter.name}`
      if (own.has(key)) throw new DocumentError(childNode(list, i), `the ${key} parameter stands twice`)
      own.add(key)
      if (!found.has(key)) found.set(key, parameter)
    })
  }
  return [...found.values()]
}

function readParameter(node: Node, reading: Reading): ParameterContract | null {
  const { value } = node
  if (!isPlain(value) || typeof value.name !== 'string') throw new DocumentError(node, 'this is no parameter')
  const { name, in: place } = value
  if (typeof place !== 'string' || !Object.hasOwn(styles, place)) {
    throw new DocumentError(childNode(node, 'in'), `parameters in "${String(place).slice(0, 30)}" are not read`)
  }
  if (place === 'header' && ignoredHeaders.has(name.toLowerCase())) return null
  if (place === 'path' && value.required !== true) {
    throw new DocumentError(node, 'a path parameter is `required: true`')
  }
  return readValue(node, value, name, place as ParameterPlace, reading)
}

/** The headers of an answer, or of a part of a form. */
export function readHeaders(node: Node, reading: Reading): ParameterContract[] {
  if (!isPlain(node.value)) return []
  return Object.keys(node.value).flatMap((name) => {
    const header = reading.resolver.follow(childNode(node, name))
    if (!isPlain(header.value)) throw new DocumentError(header, 'this is no header')
    return name.toLowerCase() === 'content-type' ? [] : [readValue(header, header.value, name, 'header', reading)]
  })
}

function readValue(node: Node, value: Plain, name: string, place: ParameterPlace, reading: Reading): ParameterContract {
  const style = (value.style ?? styles[place][0]) as ParameterStyle
  if (!styles[place].includes(style)) {
    const message = `the style "${String(style).slice(0, 30)}" is not one of ${place} parameters`
    throw new DocumentError(childNode(node, 'style'), message)
  }
  const [contentType, schema] = readSchema(node, value, reading)
  return {
    name,
    in: place,
    required: value.required === true,
    style,
    explode: typeof value.explode === 'boolean' ? value.explode : style === 'form',
    allowReserved: value.allowReserved === true,
    allowEmptyValue: value.allowEmptyValue === true,
    schema,
    contentType,
  }
}

function readSchema(node: Node, value: Plain, { version, resolver }: Reading): [string | null, JsonSchema] {
  if (value.content === undefined) {
    const schema = childNode(node, 'schema')
    return [null, schema.value === undefined ? true : bundleSchema(schema, version, resolver)]
  }
  const content = childNode(node, 'content')
  const types = isPlain(content.value) ? Object.keys(content.value) : []
  if (types.length !== 1) {
    throw new DocumentError(content, `has one media type, not ${types.length} (${toLocationText(node)})`)
  }
  const [type] = types as [string]
  const schema = childNode(resolver.follow(childNode(content, type)), 'schema')
  return [type.toLowerCase(), schema.value === undefined ? true : bundleSchema(schema, version, resolver)]
}
