/** The vocabulary of JSON Schema 2020-12, by what stands under a keyword. What is in none of these lists is unknown. */

/** One schema. */
export const ofSchema = new Set([
  'additionalProperties',
  'unevaluatedProperties',
  'items',
  'unevaluatedItems',
  'contains',
  'propertyNames',
  'not',
  'if',
  'then',
  'else',
])
/** A list of schemas. */
export const ofSchemas = new Set(['prefixItems', 'allOf', 'anyOf', 'oneOf'])
/** Schemas by name. */
export const ofNamedSchemas = new Set(['properties', 'patternProperties', 'dependentSchemas', '$defs', 'definitions'])

/** Everything else that decides. */
export const assertions = new Set([
  '$ref',
  '$dynamicRef',
  '$anchor',
  '$dynamicAnchor',
  'type',
  'enum',
  'const',
  'multipleOf',
  'maximum',
  'exclusiveMaximum',
  'minimum',
  'exclusiveMinimum',
  'maxLength',
  'minLength',
  'pattern',
  'format',
  'maxItems',
  'minItems',
  'uniqueItems',
  'maxContains',
  'minContains',
  'maxProperties',
  'minProperties',
  'required',
  'dependentRequired',
  'contentEncoding',
  'contentMediaType',
])

/** Words for people, and the hints of OpenAPI, which decide nothing. `readOnly` and `writeOnly` do by direction. */
export const annotations = new Set([
  '$comment',
  'title',
  'description',
  'default',
  'deprecated',
  'examples',
  'example',
  'readOnly',
  'writeOnly',
  'discriminator',
  'externalDocs',
  'xml',
])

/** What a person who writes these words should write instead. */
export const instead: Readonly<Record<string, string>> = {
  nullable: "Write `type: [string, 'null']`.",
  dependencies: 'Write `dependentRequired` or `dependentSchemas`.',
  additionalItems: 'Write `items` beside `prefixItems`.',
  $recursiveRef: 'Write `$dynamicRef`.',
  $recursiveAnchor: 'Write `$dynamicAnchor`.',
  $id: 'Write references as `#/$defs/name`.',
  contentSchema: 'Describe the content as a property of its own, or leave it out.',
  $vocabulary: 'Only the vocabularies of 2020-12 are known.',
}
