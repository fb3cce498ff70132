import { SchemaError } from '../../contract/schema/schema-error.ts'
import type { CheckContext } from '../../core/policy.ts'
import { findStandard } from '../../core/standard-schema.ts'
import { didYouMean } from '../../core/suggest.ts'
import { compileOptions } from './compile-options.ts'
import type { ValidateOptions } from './options.ts'
import type { GatheredSchemas, SchemasBlock } from './schemas-block.ts'
import { isWrittenOut } from './to-operation.ts'

/** Finds schemas that cannot be kept to, names that no block declares, and parameters that the path does not have. */
export function checkOptions(options: ValidateOptions, { route, block }: CheckContext): readonly string[] {
  const problems: string[] = [...checkDocumentOptions(options)]
  for (const name of findStandard(options.path) === null ? Object.keys(options.path) : []) {
    if (route.path.includes(`{${name}}`) || route.path.includes(`{${name}*}`)) continue
    problems.push(`the path ${route.path} has no parameter "${name}"`)
  }
  const known = namesIn(block<SchemasBlock | GatheredSchemas | undefined>('schemas'))
  for (const name of usedNames(options)) {
    if (known.includes(name)) continue
    const hint = didYouMean(name, known)
    problems.push(`there is no schema "${name}" under \`schemas\`${hint === null ? '' : `. ${hint}`}`)
  }
  if (problems.length > 0) return problems
  // The files are read later, and judged by themselves: here it counts that the names are there.
  const $defs = Object.fromEntries(known.map((name) => [name, true]))
  try {
    compileOptions(options, $defs, 'route')
    return []
  } catch (error) {
    if (!(error instanceof SchemaError)) throw error
    return [`${error.at === '' ? '' : `${error.at}: `}${error.message}${error.hint === null ? '' : `. ${error.hint}`}`]
  }
}

/** What belongs to a document does nothing without one. */
function checkDocumentOptions(options: ValidateOptions): string[] {
  if (options.openapi !== undefined) return []
  const { basePath, unsafeAllowUnknownOperations, responses, removeUnexpected } = options
  const given = { basePath, unsafeAllowUnknownOperations, responses, removeUnexpected: removeUnexpected || undefined }
  const stray = Object.entries(given).filter(([, value]) => value !== undefined)
  return stray.map(([key]) => `\`${key}\` says something of an OpenAPI document, and \`openapi\` names none`)
}

function namesIn(schemas: SchemasBlock | GatheredSchemas | undefined): readonly string[] {
  if (schemas === undefined) return []
  return Array.isArray(schemas.names) ? (schemas as GatheredSchemas).names : Object.keys(schemas)
}

function usedNames({ path, query, headers, cookies, body = {} }: ValidateOptions): readonly string[] {
  const parameters = [path, query, headers, cookies].flatMap((all) => Object.values(all))
  const schemas = [...parameters.map((one) => (isWrittenOut(one) ? one.schema : one)), ...Object.values(body)]
  return [...new Set(schemas.filter((one) => typeof one === 'string'))]
}
