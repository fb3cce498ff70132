import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { measureCpu } from '../../../test/support/cpu-time.ts'
import type { JsonSchema } from '../../openapi/operation.ts'
import { compileSchema } from './compile-schema.ts'
import type { SchemaOptions } from './prepare-schema.ts'
import { SchemaError } from './schema-error.ts'

const inward: SchemaOptions = { direction: 'request', unknownProperties: 'refuse' }
const parse = (text: string): unknown => JSON.parse(text)

/** What is told of a value, as `at rule`. */
function told(schema: JsonSchema, value: unknown, options: Partial<SchemaOptions> = {}): string[] {
  return compileSchema(schema, { ...inward, ...options })
    .judge(value, 'body', '')
    .map(({ at, rule }) => `${at} ${rule}`)
}

test('places, rules and ranges are told, values never', () => {
  const schema = {
    type: 'object',
    properties: { items: { type: 'array', items: { properties: { price: { type: 'number', minimum: 0 } } } } },
  }
  const judge = compileSchema(schema, inward)
  assert.deepEqual(judge.judge({ items: [{ price: -9.5 }] }, 'body', ''), [
    { in: 'body', at: '/items/0/price', rule: 'minimum', expected: 'at least 0' },
  ])
  assert.deepEqual(judge.judge({ items: [{ price: 1 }] }, 'body', ''), [])
})

test('all mistakes of a small value are told, of a large one the first', () => {
  const schema = { type: 'array', items: { type: 'string' } }
  assert.equal(told(schema, [1, 2, 3]).length, 3)
  assert.equal(told(schema, Array(5000).fill(1)).length, 1)
})

describe('inherited names satisfy nothing', () => {
  const names = ['constructor', 'toString', 'hasOwnProperty', '__proto__']
  for (const name of names) {
    test(name, () => {
      const rule = `/${name} required`
      assert.deepEqual(told({ required: [name] }, {}), [rule])
      assert.deepEqual(told({ dependentRequired: { a: [name] } }, { a: 1 }), [`/${name} dependentRequired`])
      assert.deepEqual(told({ dependentRequired: { [name]: ['a'] } }, {}), [])
      const own = parse(`{"${name}":1}`)
      assert.deepEqual(told({ properties: { a: true } }, own), [`/${name} additionalProperties`])
      const base = { $defs: { base: { properties: { a: { type: 'string' } } } } }
      for (const more of [
        { $ref: '#/$defs/base' },
        { anyOf: [{ $ref: '#/$defs/base' }, { properties: { b: true } }] },
      ]) {
        assert.deepEqual(told({ ...base, ...more }, own), [`/${name} unevaluatedProperties`], JSON.stringify(more))
      }
      assert.deepEqual(told({ propertyNames: { maxLength: 1 } }, {}), [])
      assert.deepEqual(told({ minProperties: 1 }, {}), [' minProperties'])
      if (name !== '__proto__') {
        assert.deepEqual(told({ dependentSchemas: { [name]: false } }, {}), [])
        assert.deepEqual(told({ properties: { [name]: { type: 'integer' } } }, {}), [])
        assert.deepEqual(told({ properties: { [name]: { type: 'integer' } } }, { [name]: 'x' }), [`/${name} type`])
      }
    })
  }
})

describe('unknown properties are refused unless the schema says otherwise', () => {
  const person = { type: 'object', properties: { name: { type: 'string' } } }
  const $defs = {
    person,
    free: { type: 'object' },
    node: { properties: { name: { type: 'string' }, next: { $ref: '#/$defs/node' } } },
  }
  for (const [why, schema, good, bad] of [
    ['plain', person, { name: 'a' }, { name: 'a', role: 'admin' }],
    ['nested', { properties: { owner: person } }, { owner: { name: 'a' } }, { owner: { role: 'a' } }],
    ['in items', { items: person }, [{ name: 'a' }], [{ role: 'a' }]],
    ['behind a reference', { $defs, $ref: '#/$defs/person' }, { name: 'a' }, { role: 'a' }],
    ['in a circle', { $defs, $ref: '#/$defs/node' }, { next: { name: 'a' } }, { next: { next: { role: 'a' } } }],
    [
      'allOf',
      { $defs, allOf: [{ $ref: '#/$defs/person' }, { properties: { age: { type: 'integer' } } }] },
      { name: 'a', age: 1 },
      { name: 'a', age: 1, role: 'a' },
    ],
    [
      'oneOf',
      {
        $defs,
        oneOf: [
          { $ref: '#/$defs/person', required: ['name'] },
          { properties: { age: {} }, required: ['age'] },
        ],
      },
      { age: 1 },
      { age: 1, role: 1 },
    ],
    [
      'the other branch of oneOf',
      {
        oneOf: [
          { properties: { a: {} }, required: ['a'] },
          { properties: { b: {} }, required: ['b'] },
        ],
        properties: { c: {} },
      },
      { a: 1, c: 1 },
      { a: 1, d: 1 },
    ],
    [
      'else',
      { properties: { kind: {} }, if: { properties: { kind: { const: 'y' } } }, else: { properties: { more: {} } } },
      { kind: 'x', more: 1 },
      { kind: 'y', more: 1 },
    ],
  ] as const) {
    test(why, () => {
      assert.deepEqual(told(schema as JsonSchema, good), [])
      assert.equal(told(schema as JsonSchema, bad).length > 0, true)
      assert.deepEqual(told(schema as JsonSchema, bad, { unknownProperties: 'ignore' }), [])
    })
  }
  test('what says so itself stays open', () => {
    for (const schema of [
      { ...person, additionalProperties: true },
      { ...person, unevaluatedProperties: true },
      { type: 'object' },
      { $defs, $ref: '#/$defs/free' },
      { $defs, allOf: [{ $ref: '#/$defs/person' }, { additionalProperties: true }] },
    ]) {
      assert.deepEqual(told(schema, { role: 'a' }), [], JSON.stringify(schema))
    }
  })
  test('one object described in two places is not guessed at', () => {
    const place = (name: string) => ({ properties: { place: { properties: { [name]: {} } } } })
    assert.throws(() => told({ allOf: [place('street'), place('zip')] }, {}), /two places/)
    assert.deepEqual(told({ allOf: [place('street'), place('street')] }, { place: { street: 1 } }), [])
  })
  test('conditions are not turned around', () => {
    const schema = { not: { properties: { a: { const: 1 } }, required: ['a'] } }
    assert.deepEqual(told(schema, { a: 1, b: 2 }), [' not'])
  })
})

describe('what only one side sets', () => {
  const $defs = { id: { type: 'integer', readOnly: true } }
  const schema = {
    $defs,
    type: 'object',
    required: ['id', 'name', 'secret'],
    properties: { id: { $ref: '#/$defs/id' }, name: {}, secret: { writeOnly: true } },
  }
  test('inward', () => {
    assert.deepEqual(told(schema, { name: 'a', secret: 'b' }), [])
    assert.deepEqual(told(schema, { id: 1, name: 'a', secret: 'b' }), ['/id readOnly'])
  })
  test('outward', () => {
    assert.deepEqual(told(schema, { id: 1, name: 'a' }, { direction: 'response' }), [])
    assert.deepEqual(told(schema, { id: 1, name: 'a', secret: 1 }, { direction: 'response' }), ['/secret writeOnly'])
  })
  test('required elsewhere', () => {
    const { required, ...rest } = schema
    assert.deepEqual(told({ $defs, allOf: [rest, { required }] }, { name: 'a', secret: 'b' }), [])
  })
})

describe('asserted, not annotated', () => {
  for (const [schema, good, bad] of [
    [{ format: 'email' }, "o'brien@example.com", 'a@b'],
    [{ format: 'uuid' }, '123e4567-e89b-12d3-a456-426614174000', 'urn:uuid:123e4567-e89b-12d3-a456-426614174000'],
    [{ format: 'date' }, '2024-02-29', '2023-02-29'],
    [{ format: 'date-time' }, '2024-02-29T23:59:60Z', '2024-02-29\n10:00:00Z'],
    [{ format: 'ipv6' }, '::1', 'fe80::1%eth0'],
    [{ format: 'byte' }, 'YWJj', '!!!\nYWJj'],
    [{ format: 'int32' }, 2147483647, 2147483648],
    [{ format: 'int64' }, -9007199254740991, 1e300],
    [{ format: 'float' }, 1.5, 1e39],
    [{ type: 'string', format: 'int64' }, '9223372036854775807', '9223372036854775808'],
    [{ type: 'string', format: 'uint8' }, '255', '-1'],
    [{ type: 'string', format: 'double' }, '-1.5e3', '1,5'],
    [{ format: 'uri' }, 'https://example.com/a?b#c', 'example'],
    [{ contentEncoding: 'base64', contentMediaType: 'application/json' }, 'e30=', 'e30'],
    [{ multipleOf: 0.01 }, 19.99, 19.999],
    [
      { uniqueItems: true },
      [1, '1', { a: 1 }, '{"a":1}'],
      [
        { a: 1, b: 2 },
        { b: 2, a: 1 },
      ],
    ],
    [{ type: 'number' }, 1, parse('1e400')],
    [{ type: 'integer' }, 1, '1'],
    [{ pattern: '^.+$' }, 'abc', 'a\r'],
    [{ minLength: 2, maxLength: 2 }, '😀😀', '😀'],
    [{ prefixItems: [{ type: 'string' }], items: false }, ['a'], ['a', 1]],
    [{ prefixItems: [{ type: 'string' }], unevaluatedItems: false }, ['a'], ['a', 1]],
    [{ contains: { const: 1 }, maxContains: 1 }, [1, 2], [1, 1]],
    [
      { $dynamicAnchor: 'node', properties: { next: { $dynamicRef: '#node' }, a: { const: 1 } } },
      { next: { a: 1 } },
      { next: { a: 2 } },
    ],
  ] as const) {
    test(JSON.stringify(schema), () => {
      assert.deepEqual(told(schema as JsonSchema, good), [])
      assert.notDeepEqual(told(schema as JsonSchema, bad), [])
    })
  }
})

describe('what would be passed over is refused', () => {
  for (const [schema, at] of [
    [{ properties: { a: { maxlength: 3 } } }, '/properties/a/maxlength'],
    [{ nullable: true }, '/nullable'],
    [{ $ref: 'other.json' }, '/$ref'],
    [{ $ref: '#/$defs/none' }, '/$ref'],
    [{ $schema: 'http://json-schema.org/draft-07/schema#' }, '/$schema'],
    [{ contentSchema: true }, '/contentSchema'],
    [{ properties: parse('{"__proto__":{}}') }, '/properties'],
    [{ items: [{}] }, '/items'],
    [{ items: { format: 'e-mail' } }, '/items/format'],
    [{ type: 'integer', format: 'date' }, '/format'],
    [{ format: 'text-int64' }, '/format'],
    [{ contentEncoding: 'quoted-printable' }, ''],
    [{ pattern: '(?=a)' }, '/pattern'],
    [{ patternProperties: { '(a)\\1': {} } }, '/patternProperties'],
    [{ else: false }, ''],
    [{ maxLength: -1 }, ''],
    [{ type: 'text' }, ''],
  ] as const) {
    test(JSON.stringify(schema), () => {
      const isPlaced = (error: unknown) => error instanceof SchemaError && error.at === at
      assert.throws(() => compileSchema(schema as JsonSchema, inward), isPlaced)
    })
  }
})

test('schemas that are no longer used are forgotten', () => {
  const compileMany = () => {
    for (let i = 0; i < 100; i++)
      told({ properties: { [`name-${i}`]: { pattern: `^${i}$`, enum: ['x'.repeat(60_000) + i] } } }, {})
  }
  compileMany()
  collectGarbage()
  const before = process.memoryUsage().heapUsed
  for (let round = 0; round < 4; round++) compileMany()
  collectGarbage()
  const grown = process.memoryUsage().heapUsed - before
  assert.ok(grown < 20 * 1024 * 1024, `${grown}`)
})

describe('work is bounded', () => {
  const deep = (depth: number): unknown => (depth === 0 ? { kind: 'none' } : { child: deep(depth - 1) })
  test('alternatives that refer to themselves', () => {
    const branch = (kind: string) => ({ properties: { child: { $ref: '#' }, kind: { const: kind } } })
    const schema = { oneOf: [branch('a'), branch('b')] }
    assert.ok(measureCpu(() => assert.deepEqual(told(schema, deep(60)), [' steps'])) < 2000)
  })
  test('many items that are to be unique', () => {
    const items = Array.from({ length: 100_000 }, (_, i) => ({ i }))
    assert.ok(measureCpu(() => assert.deepEqual(told({ uniqueItems: true }, items), [])) < 2000)
  })
  for (const pattern of ['^(a+)+$', '(a|a)*b', '(x+x+)+y', '^(?:a|ab)*c$']) {
    test(`the pattern ${pattern}`, () => {
      const tookMs = measureCpu(() => {
        told({ pattern }, `${'a'.repeat(100_000)}!`)
        told({ pattern }, 'x'.repeat(100_000))
      })
      assert.ok(tookMs < 2000, `${tookMs} ms`)
    })
  }
})

function collectGarbage(): void {
  setFlagsFromString('--expose-gc')
  runInNewContext('gc')()
}
