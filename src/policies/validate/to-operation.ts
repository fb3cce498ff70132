import type {
  JsonSchema,
  MediaContract,
  OperationContract,
  ParameterContract,
  ParameterPlace,
} from '../../openapi/operation.ts'
import type { ParameterOptions, ValidateOptions } from './options.ts'
import type { GatheredSchemas } from './schemas-block.ts'

type SchemaOption = Extract<ParameterOptions, { schema: unknown }>['schema']

/** The contract that options write out. */
export function toOperation(options: ValidateOptions, $defs: GatheredSchemas['$defs']): OperationContract {
  const { path, query, headers, cookies, body, bodyRequired } = options
  const place = (at: ParameterPlace, all: ValidateOptions['query']) =>
    Object.entries(all).map(([name, one]) => toParameter(name, at, one, $defs))
  const media = Object.entries(body ?? {}).map(
    ([mediaType, schema]): MediaContract => ({ mediaType, schema: toSchema(schema, $defs), encoding: new Map() }),
  )
  return {
    id: 'validate',
    parameters: [
      ...place('path', path),
      ...place('query', query),
      ...place('header', headers),
      ...place('cookie', cookies),
    ],
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
  return {
    name,
    in: at,
    required: given.required ?? at === 'path',
    style,
    explode: given.explode ?? (style === 'form' || style === 'deepObject'),
    allowReserved: false,
    allowEmptyValue: given.allowEmptyValue,
    schema: toSchema(given.schema, $defs),
    contentType: given.contentType ?? null,
  }
}

/** `schema` is no keyword of JSON Schema, so that it tells the two forms apart. */
export function isWrittenOut(option: ParameterOptions): option is Extract<ParameterOptions, { schema: unknown }> {
  return typeof option === 'object' && Object.hasOwn(option, 'schema')
}

/** Makes it complete in itself: named schemas stand beside its own `$defs`. */
function toSchema(schema: SchemaOption, $defs: GatheredSchemas['$defs']): JsonSchema {
  if (typeof schema === 'boolean') return schema
  if (typeof schema === 'string') return { $ref: `#/$defs/${schema}`, $defs }
  if (Object.keys($defs).length === 0) return schema
  return { ...schema, $defs: { ...$defs, ...(schema.$defs as object | undefined) } }
}
