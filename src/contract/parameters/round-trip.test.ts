import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { parsePairs } from '../../input/pairs.ts'
import type { JsonSchema, ParameterContract, ParameterPlace, ParameterStyle } from '../../openapi/operation.ts'
import type { SchemaOptions } from '../schema/prepare-schema.ts'
import { compileParameter } from './compile-parameter.ts'
import { groupPairs } from './read-named.ts'
import { encodePairs, writePairs, writeText } from './write-parameter.ts'

const options: SchemaOptions = { direction: 'request', unknownProperties: 'refuse' }

function parameter(
  place: ParameterPlace,
  style: ParameterStyle,
  explode: boolean,
  schema: JsonSchema,
): ParameterContract {
  const rest = { required: true, allowReserved: false, allowEmptyValue: false, contentType: null }
  return { name: 'p', in: place, style, explode, schema, ...rest }
}

/** Without what separates in any style. */
const word = fc.stringMatching(/^[A-Za-z0-9é -]{0,12}$/).filter((text) => !/[ ]/.test(text))
const scalar = fc.oneof(fc.integer(), fc.boolean(), word)
const list = fc.array(scalar, { minLength: 1, maxLength: 6 })
const names = ['a', 'bc', 'constructor', 'toString', 'x-1']
const object = fc.dictionary(fc.constantFrom(...names), scalar, { minKeys: 1 })

function typeOf(value: unknown): JsonSchema {
  if (Array.isArray(value))
    return { type: 'array', prefixItems: value.map(typeOf), items: false, minItems: value.length }
  if (typeof value === 'object' && value !== null) {
    const properties = Object.fromEntries(Object.entries(value).map(([name, one]) => [name, typeOf(one)]))
    return { type: 'object', properties, required: Object.keys(properties) }
  }
  return { type: typeof value === 'number' ? 'integer' : typeof value, const: value }
}

describe('what is written in a style is read as what it was', () => {
  for (const style of ['form', 'spaceDelimited', 'pipeDelimited', 'deepObject'] as const) {
    for (const explode of [false, true]) {
      const values = style === 'deepObject' ? object : style === 'form' ? fc.oneof(scalar, list, object) : list
      test(`query, ${style}${explode ? ', exploded' : ''}`, () => {
        fc.assert(
          fc.property(values, (value) => {
            const contract = parameter('query', style, explode, typeOf(value))
            const read = parsePairs(encodePairs(writePairs(value, contract)))
            assert.ok(read.ok)
            const used = new Set<string>()
            const named = groupPairs(read.pairs)
            assert.deepEqual(compileParameter(contract, options).judgeNamed(named, used), [])
            assert.deepEqual([...used].sort(), [...named.keys()].sort())
          }),
          { numRuns: 60 },
        )
      })
    }
  }
  for (const style of ['simple', 'label', 'matrix'] as const) {
    for (const explode of [false, true]) {
      test(`path, ${style}${explode ? ', exploded' : ''}`, () => {
        fc.assert(
          fc.property(fc.oneof(scalar, list, object), (value) => {
            const contract = parameter('path', style, explode, typeOf(value))
            assert.deepEqual(compileParameter(contract, options).judgeText(writeText(value, contract)), [])
          }),
          { numRuns: 60 },
        )
      })
    }
  }
})

describe('whatever comes is judged, and changes nothing that others inherit', () => {
  const schemas: JsonSchema[] = [
    { type: 'integer' },
    { type: 'array', items: { type: 'integer' } },
    { type: 'object', properties: { a: { type: 'integer' } } },
    { type: 'object', additionalProperties: true },
  ]
  const key = fc.oneof(
    fc.string(),
    fc.constantFrom(
      'p',
      'p[a]',
      'p[__proto__]',
      'p[constructor][prototype]',
      '__proto__',
      'p[',
      'p[]',
      'a',
      'constructor',
    ),
  )
  test('in a query', () => {
    const judges = schemas.flatMap((schema) =>
      (['form', 'pipeDelimited', 'deepObject'] as const).flatMap((style) =>
        [false, true].map((explode) => compileParameter(parameter('query', style, explode, schema), options)),
      ),
    )
    fc.assert(
      fc.property(fc.array(fc.tuple(key, fc.string()), { maxLength: 8 }), (pairs) => {
        for (const judge of judges) judge.judgeNamed(groupPairs(pairs), new Set())
        assert.deepEqual(Object.keys(Object.prototype), [])
        assert.equal(({} as Record<string, unknown>).a, undefined)
      }),
      { numRuns: 300 },
    )
  })
  test('in a path', () => {
    const judges = schemas.flatMap((schema) =>
      (['simple', 'label', 'matrix'] as const).flatMap((style) =>
        [false, true].map((explode) => compileParameter(parameter('path', style, explode, schema), options)),
      ),
    )
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.stringMatching(/^[;.,=p_a1]{0,20}$/)), (text) => {
        for (const judge of judges) judge.judgeText(text)
      }),
      { numRuns: 300 },
    )
  })
})
