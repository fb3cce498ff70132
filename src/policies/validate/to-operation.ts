import { findStandard } from '../../core/standard-schema.ts'
import type {
  JsonSchema,
  MediaContract,
  OperationContract,
  ParameterContract,
  ParameterPlace,
} from '../../openapi/operation.ts'
import type { ParameterOptions, ValidateOptions } from './options.ts'
import type { GatheredSchemas } from './schemas-block.ts'

type WrittenOut = Extract<ParameterOptions, { schema: unknown }>
type SchemaOption = WrittenOut['schema']

/** The contract that options write out. */
export function toOperation(options: ValidateOptions, $defs: GatheredSchemas['$defs']): OperationContract {
  const { path, query, headers, cookies, body, bodyRequired } = options
  const place = (at: ParameterPlace, all: ValidateOptions['query']) =>
    findStandard(all) === null ? Object.entries(all).map(([name, one]) => toParameter(name, at, one, $defs)) : []
  const media = Object.entries(body ?? {}).map(([mediaType, schema]): MediaContract => {
    const standard = findStandard(schema)
    const read = standard === null ? { schema: toSchema(schema, $defs) } : { schema: true, standard }
    return { mediaType, ...read, encoding: new Map() }
  })
  const [wholePath, wholeQuery] = [findStandard(path), findStandard(query)]
  return {
    id: 'validate',
    parameters: [
      ...place('path', path),
      ...place('query', query),
      ...place('header', headers),
      ...place('cookie', cookies),
    ],
    wholes: { ...(wholePath && { path: wholePath }), ...(wholeQuery && { query: wholeQuery }) },
    body: media.length === 0 ? null : { required: bodyRequired, media },
    responses: new Map(),
    security: [],
  }
}

function toParameter(
  name: string,
  at: ParameterPlace,
  option: ParameterOptions,
  $defs: GatheredSchemas['$defs'],
): ParameterContract {
  const given = isWrittenOut(option) ? option : { schema: option, allowEmptyValue: false }
  const style = given.style ?? (at === 'path' || at === 'header' ? 'simple' : 'form')
  const standard = findStandard(given.schema)
  return {
    ...(standard !== null && { standard, asksAbsent: given.required === undefined }),
    name,
    in: at,
    required: given.required ?? at === 'path',
    style,
    explode: given.explode ?? (style === 'form' || style === 'deepObject'),
    allowReserved: false,
    allowEmptyValue: given.allowEmptyValue,
    schema: standard === null ? toSchema(given.schema, $defs) : textsOf(given),
    contentType: given.contentType ?? null,
  }
}

/**
 * What a schema of a library is given: a text; a list of texts where the options say how one is written; an object of
 * texts in the style that is for objects only.
 */
function textsOf({ style, explode, contentType }: Partial<WrittenOut>): JsonSchema {
  if (contentType !== undefined) return true
  const text = { type: 'string' }
  if (style === 'deepObject') return { type: 'object', additionalProperties: text }
  const isList = explode !== undefined || style === 'spaceDelimited' || style === 'pipeDelimited'
  return isList ? { type: 'array', items: text } : text
}

/** `schema` is no keyword of JSON Schema, so that it tells the two forms apart. */
export function isWrittenOut(option: ParameterOptions): option is WrittenOut {
  return typeof option === 'object' && Object.hasOwn(option, 'schema')
}

/** Whether a schema of a library judges anything, of which no sample can be made up. */
export function usesStandard({ path, query, headers, cookies, body = {} }: ValidateOptions): boolean {
  if (findStandard(path) !== null || findStandard(query) !== null) return true
  const all = [path, query, headers, cookies].flatMap((one) => Object.values(one))
  const schemas = [...all.map((one) => (isWrittenOut(one) ? one.schema : one)), ...Object.values(body)]
  return schemas.some((one) => findStandard(one) !== null)
}

/** Makes it complete in itself: named schemas stand beside its own `$defs`. */
function toSchema(schema: SchemaOption, $defs: GatheredSchemas['$defs']): JsonSchema {
  if (typeof schema === 'boolean') return schema
  if (typeof schema === 'string') return { $ref: `#/$defs/${schema}`, $defs }
  if (Object.keys($defs).length === 0) return schema
  return { ...schema, $defs: { ...$defs, ...(schema.$defs as object | undefined) } }
}
