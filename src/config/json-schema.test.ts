import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { parse } from 'yaml'
import { fakePolicies } from '../../test/support/fake-policies.ts'
import { validateSchema } from '../../test/support/validate-schema.ts'
import { buildJsonSchema, type JsonSchema } from './json-schema.ts'

const golden = join(import.meta.dirname, 'golden')

function readInputs(folder: string, wanted = /^/): [name: string, value: unknown][] {
  const names = globSync('*.golden', { cwd: join(golden, folder) }).filter((name) => wanted.test(name))
  return names.map((name) => [name, parse(readFileSync(join(golden, folder, name), 'utf8').split('\n---\n')[0] ?? '')])
}

describe('the JSON Schema', () => {
  const schema = buildJsonSchema(fakePolicies)

  for (const [name, value] of readInputs('snapshot')) {
    test(`accepts ${name}`, () => assert.deepEqual(validateSchema(value, schema), []))
  }

  // Mistakes of single values; what a value means beside others is beyond a schema.
  const structural = /^(unknown-keys|several-at-once|version-|types|authorize|methods|not-built|upstreams|modes)/
  for (const [name, value] of readInputs('errors', structural)) {
    test(`refuses ${name}`, () => assert.notDeepEqual(validateSchema(value, schema), []))
  }

  test('asks for the version alone', () => {
    assert.deepEqual(schema.required, ['version'])
    assert.equal(schema.$schema, 'https://json-schema.org/draft/2020-12/schema')
  })
})

describe('the JSON Schema of the real policies', () => {
  const schema = buildJsonSchema()

  for (const path of globSync('examples/*/portcullis.yaml', { cwd: join(import.meta.dirname, '../..') })) {
    test(`accepts ${path}`, () => {
      const text = readFileSync(join(import.meta.dirname, '../..', path), 'utf8')
      assert.deepEqual(validateSchema(parse(text), schema), [])
    })
  }

  test('describes every key', () => {
    assert.deepEqual(findUndescribed(schema, schema, '$'), [])
  })

  test('holds nothing that JSON does not', () => {
    assert.deepEqual(JSON.parse(JSON.stringify(schema)), schema)
  })
})

/** Keys without a description, which an editor and the reference could say nothing about. */
function findUndescribed(schema: JsonSchema, root: JsonSchema, path: string): string[] {
  const own = Object.entries(schema.properties ?? {}).flatMap(([key, child]) => {
    const shown = child.$ref === undefined ? child : (root.$defs?.[child.$ref.replace('#/$defs/', '')] ?? {})
    const missing = shown.description === undefined ? [`${path}.${key}`] : []
    return [...missing, ...findUndescribed(shown, root, `${path}.${key}`)]
  })
  const rest = typeof schema.additionalProperties === 'object' ? [schema.additionalProperties] : []
  const deeper = [...(schema.anyOf ?? []), ...rest, ...(schema.items ? [schema.items] : [])]
  return [...own, ...deeper.flatMap((child) => findUndescribed(child, root, path))]
}
