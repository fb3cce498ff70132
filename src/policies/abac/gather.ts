import type { FileProblem, FileReader, Gathered } from '../../core/policy.ts'
import { type Engine, loadEngine } from './engine.ts'
import { parseEntities } from './parse-entities.ts'
import type { ConfiguredEntity, GatheredSets, PolicySet, PolicySetsBlock } from './policy-sets-block.ts'
import { toProblems } from './problems.ts'
import { readPolicies } from './read-policies.ts'

const maxEntities = 1000

/** Reads and validates everything that policy sets name; nothing is loaded where a file names none. */
export async function gatherPolicySets(block: <T>(key: string) => T, files: FileReader): Promise<Gathered> {
  const sets = block<PolicySetsBlock | undefined>('policySets')
  if (sets === undefined || Object.keys(sets).length === 0) return { blocks: {}, files: [], problems: [] }
  const engine = await loadEngine()
  const problems: FileProblem[] = []
  const gathered: Record<string, GatheredSets[string]> = {}
  for (const [name, set] of Object.entries(sets)) {
    gathered[name] = { ...set, gathered: await gatherSet(engine, set, files, problems) }
  }
  const paths = Object.values(sets).flatMap(({ policies, schema, entities }) => [
    ...policies,
    ...(schema === undefined ? [] : [schema]),
    ...(typeof entities === 'string' ? [entities] : []),
  ])
  return { blocks: { policySets: gathered }, files: [...new Set(paths)].map((path) => files.resolve(path)), problems }
}

async function gatherSet(
  engine: Engine,
  set: PolicySetsBlock[string],
  files: FileReader,
  problems: FileProblem[],
): Promise<PolicySet> {
  const read = async (file: string): Promise<string | null> => {
    const found = await files.read(file)
    if ('text' in found) return found.text
    problems.push({ file, line: null, column: 1, message: found.problem, hint: null })
    return null
  }
  const schemaText = set.schema === undefined ? null : await read(set.schema)
  const schema = schemaText === null ? null : readSchema(engine, set.schema ?? '', schemaText, problems)
  const policies = new Map<string, string>()
  for (const file of set.policies) {
    const text = await read(file)
    if (text === null) continue
    const found = readPolicies(engine, file, text, schema)
    problems.push(...found.problems)
    for (const { id, text: policy, line } of found.policies) {
      if (policies.has(id)) {
        problems.push({ file, line, column: 1, message: `there are two policies with the id "${id}"`, hint: null })
      }
      policies.set(id, policy)
    }
  }
  const file = typeof set.entities === 'string' ? set.entities : null
  const entitiesText = file === null ? null : await read(file)
  const entities = entitiesText === null ? [] : readEntities(engine, file ?? '', entitiesText, problems)
  return { policies: Object.fromEntries(policies), entities }
}

type Schema = Parameters<Engine['checkParseSchema']>[0]

function readSchema(engine: Engine, file: string, text: string, problems: FileProblem[]): Schema | null {
  const schema = file.endsWith('.json') ? readJson(file, text, problems) : text
  if (schema === null) return null
  const parsed = engine.checkParseSchema(schema as Schema)
  if (parsed.type === 'success') return schema as Schema
  problems.push(...toProblems(file, text, parsed.errors))
  return null
}

function readEntities(
  engine: Engine,
  file: string,
  text: string,
  problems: FileProblem[],
): readonly ConfiguredEntity[] {
  const value = readJson(file, text, problems)
  if (value === null) return []
  const found = parseEntities(engine, value, maxEntities)
  if ('entities' in found) return found.entities
  problems.push(...found.problems.map((message) => ({ file, line: null, column: 1, message, hint: null })))
  return []
}

function readJson(file: string, text: string, problems: FileProblem[]): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch (error) {
    problems.push({ file, line: null, column: 1, message: `is not JSON: ${(error as Error).message}`, hint: null })
    return null
  }
}
