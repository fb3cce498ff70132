import { buildJsonSchema, type JsonSchema } from '../../src/config/json-schema.ts'
import { type AnyPolicy, toConfigKey } from '../../src/core/policy.ts'
import { renderOptionsTable } from './options-table.ts'
import { describeType } from './schema-text.ts'

/** The reference of every key of the policy file, from the schema that validates it. */
export function renderPolicyFileReference(policies: readonly AnyPolicy[]): string {
  const schema = buildJsonSchema(policies)
  const { routes, defaults, ...blocks } = schema.properties ?? {}
  const keys = new Set(policies.map(({ name }) => toConfigKey(name)))
  const parts = Object.entries(blocks).map(([key, block]) => renderBlock(key, block, schema))
  const layer = withoutKeys(defaults ?? {}, keys)
  const route = withoutKeys(routes?.items ?? {}, new Set([...keys, ...Object.keys(layer.properties ?? {})]))
  return [
    ...parts,
    `### \`defaults\`\n\n${defaults?.description}\n\nIt holds policies, and:\n\n${renderOptionsTable(layer, schema)}`,
    `### \`routes\`\n\n${routes?.description} A list; each entry holds what \`defaults\` may hold, and:\n\n${renderOptionsTable(route, schema)}`,
    `### \`authorize\`\n\n${renderOptionsTable(schema.$defs?.authorize ?? {}, schema)}`,
    `### Policies\n\n${renderPolicies(policies)}`,
  ].join('\n\n')
}

function renderBlock(key: string, block: JsonSchema, root: JsonSchema): string {
  const isRecord = typeof block.additionalProperties === 'object'
  const entry = isRecord ? (block.additionalProperties as JsonSchema) : block
  const objects = [entry, ...(entry.anyOf ?? [])].filter(({ properties }) => properties !== undefined)
  const required = root.required?.includes(key) ? ' Required.' : ''
  const fallback =
    block.default === undefined || typeof block.default === 'object' ? '' : ` Default \`${block.default}\`.`
  const form = objects.length === 0 ? ` Value: ${describeType(block, root)}.` : ''
  const tables = objects.map((object) => renderOptionsTable(object, root, isRecord ? '<name>.' : ''))
  return [`### \`${key}\`\n\n${block.description ?? ''}${form}${fallback}${required}`, ...tables].join('\n\n')
}

function withoutKeys(schema: JsonSchema, keys: ReadonlySet<string>): JsonSchema {
  const properties = Object.entries(schema.properties ?? {}).filter(([key]) => !keys.has(key))
  return { ...schema, properties: Object.fromEntries(properties) }
}

function renderPolicies(policies: readonly AnyPolicy[]): string {
  const where = (policy: AnyPolicy) => (policy.kind === 'authorization' ? 'authorize' : toConfigKey(policy.name))
  const rows = policies.map((policy) => {
    const always = policy.always === undefined ? '' : ' Applies even where no file names it.'
    return `| \`${where(policy)}\` | ${policy.kind} | ${policy.summary}.${always} | [${policy.name}](../src/policies/${policy.name}/README.md) |`
  })
  return ['| key | kind | what it does | page |', '|---|---|---|---|', ...rows].join('\n')
}
