import { z } from 'zod'
import { findStandard, type StandardSchema } from '../../core/standard-schema.ts'
import { basePath, documentFile } from '../../openapi/options.ts'

type Schema = boolean | Record<string, unknown>
/** In TypeScript, a schema of a library may stand where a JSON Schema does; `StandIn` takes its place in the data. */
type SchemaInput = boolean | object

const schema = z.union([z.boolean(), z.record(z.string(), z.unknown())], {
  error: 'must be a JSON Schema',
}) as z.ZodType<Schema, SchemaInput>

const named = z
  .string()
  .regex(/^[A-Za-z][\w.-]{0,63}$/, { error: 'must be the name of a schema in the block `schemas`' })
  .max(64)

/** A schema, or the name of one in the block `schemas`. */
const schemaOrName = z.union([named, schema])

const style = z.enum(['simple', 'label', 'matrix', 'form', 'spaceDelimited', 'pipeDelimited', 'deepObject'])

const parameter = z.union([
  z.strictObject({
    schema: schemaOrName.describe('What the value must be.'),
    required: z.boolean().optional().describe('Whether it must be there. Default: in the path yes, elsewhere no.'),
    style: style.optional().describe('How lists and objects are written, as in OpenAPI. Default: `simple` or `form`.'),
    explode: z.boolean().optional().describe('Whether each member stands for itself. Default: with `form` yes.'),
    allowEmptyValue: z.boolean().default(false).describe('Whether nothing at all may stand behind the name.'),
    contentType: z.string().max(128).optional().describe('The media type of the value, such as `application/json`.'),
  }),
  schemaOrName,
])

const parameters = (what: string) => z.record(z.string().min(1).max(128), parameter).default({}).describe(what)
type Parameters = z.output<ReturnType<typeof parameters>>
type ParametersInput = Exclude<z.input<ReturnType<typeof parameters>>, undefined>
/** Also one schema of a library for all of them. */
const parametersOrWhole = (what: string) =>
  parameters(what) as unknown as z.ZodDefault<z.ZodType<Parameters, ParametersInput | StandardSchema>>
const reason = z.strictObject({ reason: z.string().min(1).describe('Why this is acceptable.') }).optional()

const bodies = z
  .record(z.string().regex(/^[a-z*]+\/[a-z0-9!#$&^_.+*-]+$/, { error: 'must be a media type' }), schemaOrName)
  .refine((types) => Object.keys(types).length > 0, { error: 'lists no media type: leave it out' })
type Bodies = z.output<typeof bodies>
type BodiesInput = z.input<typeof bodies>

/** By media type; one schema of a library alone is that of JSON. */
const bodiesOrOne = z.preprocess(
  (given) => (findStandard(given) === null ? given : { 'application/json': given }),
  bodies,
) as unknown as z.ZodType<Bodies, BodiesInput | StandardSchema>

export const options = z.strictObject({
  openapi: documentFile()
    .optional()
    .describe('An OpenAPI document (3.0, 3.1, 3.2): requests are held to its operations, found by method and path.'),
  basePath: basePath()
    .optional()
    .describe("With `openapi`: what stands before the document's paths. Default: the path of its first server."),
  unsafeAllowUnknownOperations: reason.describe(
    'With `openapi`: lets requests pass for which the document has no operation. They are 404 or 405 otherwise.',
  ),
  responses: z
    .enum(['off', 'observe', 'enforce'])
    .optional()
    .describe(
      'With `openapi`: `observe` logs and counts answers that are not as the document says, `enforce` holds every answer back until it was judged and refuses such ones (502). Default `observe`.',
    ),
  removeUnexpected: z
    .boolean()
    .default(false)
    .describe(
      'With `openapi`: cuts properties that the document does not list out of answers, and leaves everything else as it came.',
    ),
  path: parametersOrWhole('What the parameters of the path must be, by name.'),
  query: parametersOrWhole('The query parameters: a schema each, or `{ schema, required, style, explode, … }`.'),
  headers: parameters('Header fields. Others are never refused.'),
  cookies: parameters('Cookies.'),
  body: bodiesOrOne
    .optional()
    .describe('The bodies that may come: a schema by media type. Without it, a route takes no body.'),
  bodyRequired: z.boolean().default(true).describe('Whether a body must come where `body` lists any.'),
  unknownQuery: z
    .enum(['refuse', 'ignore'])
    .default('refuse')
    .describe('What becomes of query parameters that are not listed.'),
  unknownCookies: z
    .enum(['refuse', 'ignore'])
    .default('ignore')
    .describe('What becomes of cookies that are not listed: browsers send what other pages have set.'),
  unsafeAllowUnknownProperties: reason.describe(
    'Lets properties pass that a schema does not list, where it says nothing of them itself (mass assignment).',
  ),
  unsafeAllowXml: reason.describe('Lets XML of a listed type pass, which no schema judges.'),
})

export type ValidateOptions = z.output<typeof options>
export type ParameterOptions = ValidateOptions['query'][string]
