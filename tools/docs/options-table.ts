import type { JsonSchema } from '../../src/config/json-schema.ts'
import { describeDefault, describeType, follow } from './schema-text.ts'

interface Row {
  readonly key: string
  readonly type: string
  readonly fallback: string
  readonly text: string
}

/** A Markdown table of an object's keys; keys of objects within it have rows of their own. */
export function renderOptionsTable(schema: JsonSchema, root: JsonSchema, prefix = ''): string {
  const rows = collectRows(schema, root, prefix)
  if (rows.length === 0) return 'There are no options.'
  const lines = rows.map(
    ({ key, type, fallback, text }) => `| \`${key}\` | ${cell(type)} | ${cell(fallback)} | ${cell(text)} |`,
  )
  return ['| key | value | default | what it does |', '|---|---|---|---|', ...lines].join('\n')
}

function collectRows(schema: JsonSchema, root: JsonSchema, prefix: string): Row[] {
  return Object.entries(schema.properties ?? {}).flatMap(([key, child]) => {
    const shown = follow(child, root)
    const name = `${prefix}${key}`
    const row = {
      key: name,
      type: describeType(child, root),
      fallback: describeDefault(child, schema.required?.includes(key) ?? false),
      text: child.description ?? shown.description ?? '',
    }
    // What is defined once has a table of its own.
    if (child.$ref !== undefined) return [row]
    return [row, ...objectsIn(shown).flatMap((object) => collectRows(object, root, `${name}.`))]
  })
}

/** The objects that a value may be or hold: itself, a member of a union, the entries of a list or of a record. */
function objectsIn(schema: JsonSchema): JsonSchema[] {
  if (schema.properties !== undefined) return [schema]
  const rest = typeof schema.additionalProperties === 'object' ? [schema.additionalProperties] : []
  const members = [...(schema.anyOf ?? []), ...(schema.items === undefined ? [] : [schema.items]), ...rest]
  const objects = members.flatMap(objectsIn)
  // A list of what may also stand alone repeats it.
  return objects.filter((one, i) => objects.findIndex((other) => JSON.stringify(other) === JSON.stringify(one)) === i)
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|').replace(/\s+/g, ' ')
}
