/** How each keyword of JSON Schema 2020-12 and of OpenAPI's schemas is taken over. */
export type KeywordKind =
  /** It holds a schema, a list of schemas, or schemas by names. */
  | 'schema'
  | 'schemas'
  | 'named-schemas'
  /** It is taken over as it is. */
  | 'value'
  /** It says nothing of what is valid. */
  | 'note'
  /** It is looked at together with others, or by itself. */
  | 'special'

function kinds(kind: KeywordKind, names: string): [string, KeywordKind][] {
  return names.split(' ').map((name) => [name, kind])
}

export const keywords: ReadonlyMap<string, KeywordKind> = new Map([
  ...kinds('schema', 'additionalProperties unevaluatedProperties items unevaluatedItems contains propertyNames'),
  ...kinds('schema', 'not if then else'),
  ...kinds('schemas', 'allOf anyOf oneOf prefixItems'),
  ...kinds('named-schemas', 'properties patternProperties dependentSchemas'),
  ...kinds('value', 'type enum const multipleOf maximum exclusiveMaximum minimum exclusiveMinimum maxLength minLength'),
  ...kinds('value', 'pattern maxItems minItems uniqueItems maxContains minContains maxProperties minProperties'),
  ...kinds('value', 'required dependentRequired format contentEncoding contentMediaType readOnly writeOnly'),
  // `contentSchema` is a note by the standard: what a text holds is not looked into.
  ...kinds('note', 'title description default example examples deprecated xml externalDocs $comment contentSchema'),
  // What stands there is reached through references.
  ...kinds('note', '$defs definitions $anchor'),
  ...kinds('special', '$ref discriminator nullable $schema'),
])

/** Keywords that change what other references mean, which a document with references of its own hardly needs. */
export const refusedKeywords: ReadonlySet<string> = new Set([
  '$id',
  'id',
  '$dynamicRef',
  '$dynamicAnchor',
  '$recursiveRef',
  '$recursiveAnchor',
  '$vocabulary',
])

export const dialects: ReadonlySet<string> = new Set([
  'https://json-schema.org/draft/2020-12/schema',
  'https://spec.openapis.org/oas/3.1/dialect/base',
  'https://spec.openapis.org/oas/3.1/dialect/2024-11-10',
  'https://spec.openapis.org/oas/3.2/dialect/2025-09-17',
])
