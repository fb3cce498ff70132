import { bundleSchema } from './bundle-schema.ts'
import { DocumentError } from './document-error.ts'
import { childNode, type Node } from './location.ts'
import type { EncodingContract, MediaContract, ParameterStyle } from './operation.ts'
import { isPlain } from './plain.ts'
import type { Reading } from './read-operation.ts'

const formStyles: readonly unknown[] = ['form', 'spaceDelimited', 'pipeDelimited', 'deepObject']

/** What stands under `content`. */
export function readMedia(content: Node, reading: Reading): MediaContract[] {
  if (content.value === undefined) return []
  if (!isPlain(content.value)) throw new DocumentError(content, 'must be an object of media types')
  return Object.keys(content.value).map((mediaType) => {
    const media = reading.resolver.follow(childNode(content, mediaType))
    const schema = childNode(media, 'schema')
    const { version, resolver } = reading
    return {
      mediaType: mediaType.toLowerCase(),
      schema: schema.value === undefined ? true : bundleSchema(schema, version, resolver),
      encoding: readEncoding(childNode(media, 'encoding')),
    }
  })
}

function readEncoding(node: Node): ReadonlyMap<string, EncodingContract> {
  if (!isPlain(node.value)) return new Map()
  return new Map(
    Object.entries(node.value).map(([name, value]) => {
      if (!isPlain(value)) throw new DocumentError(childNode(node, name), 'must be an object')
      const style = value.style ?? 'form'
      if (!formStyles.includes(style)) {
        throw new DocumentError(childNode(childNode(node, name), 'style'), 'is no style of forms')
      }
      const encoding: EncodingContract = {
        contentType: typeof value.contentType === 'string' ? value.contentType.toLowerCase() : null,
        style: style as ParameterStyle,
        explode: typeof value.explode === 'boolean' ? value.explode : style === 'form',
      }
      return [name, encoding]
    }),
  )
}
