import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { readTextFile } from '../../src/config/read-text-file.ts'
import { gatherDocument } from '../../src/openapi/gather-document.ts'
import { OpenApiDocument } from '../../src/openapi/open-api-document.ts'
import type { Scenario } from '../harness/scenario.ts'
import { pairedRatios, toSpread } from '../harness/statistics.ts'

const operationCount = 1_000
const targetLength = 10_000_000

/** A large document made ready: its operations are read when they are first asked for. */
export const openApiDocument: Scenario = {
  name: 'openapi-document',
  title: 'A 10 MB OpenAPI document with 1 000 operations, loaded',
  async run({ folder, rounds }) {
    const text = JSON.stringify(createDocument())
    const file = join(folder, 'openapi.json')
    await writeFile(file, text)
    const parsed: number[] = []
    const loaded: number[] = []
    const first: number[] = []
    for (let round = -2; round < rounds * 3; round++) {
      const parse = measure(() => JSON.parse(text))
      const startedAt = performance.now()
      const gathered = await gatherDocument(file, readTextFile)
      if (!gathered.ok) throw new Error(gathered.problems[0]?.message)
      const document = new OpenApiDocument(gathered.document, gathered.values)
      const load = performance.now() - startedAt
      if (document.operations.length !== operationCount) throw new Error('operations are missing')
      const use = measure(() => readOne(document, round + 2))
      // The first rounds only warm up.
      if (round < 0) continue
      parsed.push(parse)
      loaded.push(load)
      first.push(use)
    }
    return {
      claims: [
        {
          text: 'a 10 MB OpenAPI document with 1 000 operations, loaded, vs parsing its text',
          must: { ratio: '<=', value: 3 },
          got: toSpread(pairedRatios(loaded, parsed)),
        },
      ],
      table: [
        [`${(text.length / 1e6).toFixed(1)} MB`, 'ms', 'range'],
        toRow('parsing its text', parsed),
        toRow('loading it from its file', loaded),
        toRow('reading one operation, at its first use', first),
      ],
      notes: ['Loading reads the file, parses it, follows its references and makes the table of its paths.'],
    }
  },
}

function readOne(document: OpenApiDocument, i: number): void {
  const found = document.find('POST', `/things${i}/1`)
  if (found.kind !== 'operation') throw new Error('the operation is not found')
  document.contractOf(found.operation)
}

function measure(work: () => unknown): number {
  const startedAt = performance.now()
  work()
  return performance.now() - startedAt
}

function createDocument() {
  const paths = operationCount / 2
  const fieldLength = (JSON.stringify(createSchema(0, 101)).length - JSON.stringify(createSchema(0, 1)).length) / 100
  const fields = Math.round(targetLength / operationCount / fieldLength)
  const schemas: Record<string, unknown> = {}
  const items: Record<string, unknown> = {}
  for (let i = 0; i < paths; i++) {
    schemas[`Thing${i}`] = createSchema(i, fields)
    schemas[`NewThing${i}`] = createSchema(i, fields)
    const content = (name: string) => ({ 'application/json': { schema: { $ref: `#/components/schemas/${name}${i}` } } })
    items[`/things${i}/{id}`] = {
      parameters: [{ name: 'id', in: 'path', required: true, schema: { type: 'integer' } }],
      get: { responses: { 200: { description: 'The thing', content: content('Thing') } } },
      post: { requestBody: { content: content('NewThing') }, responses: { 201: { description: 'It is made' } } },
    }
  }
  return { openapi: '3.1.0', info: { title: 'Things', version: '1' }, paths: items, components: { schemas } }
}

function createSchema(i: number, fields: number) {
  const properties: Record<string, unknown> = {}
  for (let field = 0; field < fields; field++) {
    const description = `Field ${field} of thing ${i}, described at some length as documents do`
    properties[`field${field}`] = { type: 'string', description, maxLength: 100 }
  }
  return { type: 'object', required: ['field0'], properties }
}

function toRow(name: string, samples: readonly number[]): string[] {
  const { median, min, max } = toSpread(samples)
  return [name, median.toFixed(1), `${min.toFixed(1)}–${max.toFixed(1)}`]
}
