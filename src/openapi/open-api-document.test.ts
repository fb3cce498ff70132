import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { parse } from 'yaml'
import { DocumentError } from './document-error.ts'
import { OpenApiDocument } from './open-api-document.ts'
import type { JsonSchema, OperationContract } from './operation.ts'

function open(text: string, others: Readonly<Record<string, unknown>> = {}): OpenApiDocument {
  const files = { 'openapi.yaml': parse(text) as unknown, ...others }
  const json = Object.entries(files).map(([file, value]) => [file, JSON.stringify(value)])
  return new OpenApiDocument({ root: 'openapi.yaml', digest: '', files: Object.fromEntries(json) })
}

function contract(document: OpenApiDocument, method: string, path: string): OperationContract {
  const found = document.find(method, path)
  assert.ok(found.kind === 'operation', `${method} ${path}: ${found.kind}`)
  return document.contractOf(found.operation)
}

function bodySchema(components: string, schema: string, version = '3.1.0'): JsonSchema {
  const document = open(`
openapi: ${version}
paths:
  /a: { post: { requestBody: { content: { application/json: { schema: ${schema} } } }, responses: {} } }
components: { schemas: ${components} }
`)
  return contract(document, 'POST', '/a').body?.media[0]?.schema as JsonSchema
}

function accepts(schema: JsonSchema, value: unknown): boolean {
  return new Ajv2020({ strict: true, strictTypes: false, strictRequired: false, validateFormats: false }).validate(
    schema as object,
    value,
  )
}

describe('operations', () => {
  const document = open(`
openapi: 3.1.0
servers: [{ url: 'https://api.example.com/v1/' }]
security: [{ key: [] }]
paths:
  /orders/{order-id}:
    parameters:
      - { name: order-id, in: path, required: true, schema: { type: integer } }
      - { name: X-Trace, in: header, schema: { type: string } }
      - { name: Authorization, in: header, schema: { type: string } }
    get:
      operationId: getOrder
      security: [{ oauth: [orders:read], key: [] }, {}]
      parameters:
        - { name: x-trace, in: header, required: true, schema: { type: string, maxLength: 5 } }
        - { name: filter, in: query, style: deepObject, explode: true, schema: { type: object } }
        - { name: json, in: query, content: { application/json: { schema: { type: array } } } }
        - { $ref: '#/components/parameters/Page' }
      responses:
        '200': { $ref: '#/components/responses/Order' }
        4xx: { description: no }
        default: { description: other }
    put: { responses: {} }
  /orders/mine: { get: { responses: {} } }
  /files/{path+}: { get: { parameters: [{ name: path, in: path, required: true }], responses: {} } }
  /reports/{year}.{format}:
    get:
      parameters: [{ name: year, in: path, required: true }, { name: format, in: path, required: true }]
      responses: {}
components:
  parameters: { Page: { name: page, in: query, schema: { type: integer } } }
  responses:
    Order:
      description: it
      headers: { ETag: { required: true, schema: { type: string } }, Content-Type: { schema: {} } }
      content: { application/json: { schema: { type: object } }, Application/XML: {} }
`)

  test('are found by method and path, fixed text first', () => {
    const found = document.find('HEAD', '/orders/a%2Fb')
    assert.ok(found.kind === 'operation')
    assert.deepEqual([found.operation.method, found.params], ['GET', { 'order-id': 'a/b' }])
    const mine = document.find('GET', '/orders/mine')
    assert.equal(mine.kind === 'operation' && mine.operation.template, '/orders/mine')
    assert.deepEqual(document.find('DELETE', '/orders/1'), { kind: 'no-method', allowed: ['GET', 'HEAD', 'PUT'] })
    assert.equal(document.find('GET', '/orders').kind, 'no-path')
    assert.equal(document.find('GET', '/orders/').kind, 'no-path')
    assert.equal(document.basePath, '/v1')
  })

  test('have parameters beside text in a segment, and for the rest of a path', () => {
    const report = document.find('GET', '/reports/2026.tar.gz')
    assert.deepEqual(report.kind === 'operation' && report.params, { year: '2026', format: 'tar.gz' })
    assert.equal(document.find('GET', '/reports/2026').kind, 'no-path')
    const file = document.find('GET', '/files/a/b')
    assert.deepEqual(file.kind === 'operation' && file.params, { path: 'a/b' })
  })

  test('merge the parameters of their path and follow references', () => {
    const { id, parameters } = contract(document, 'GET', '/orders/1')
    assert.equal(id, 'getOrder')
    assert.deepEqual(
      parameters.map(({ name, in: place, required, style, explode, contentType }) => [
        ...[place, name, required, style, explode, contentType],
      ]),
      [
        ['header', 'x-trace', true, 'simple', false, null],
        ['query', 'filter', false, 'deepObject', true, null],
        ['query', 'json', false, 'form', true, 'application/json'],
        ['query', 'page', false, 'form', true, null],
        ['path', 'order-id', true, 'simple', false, null],
      ],
    )
  })

  test('have responses and security', () => {
    const { responses, security } = contract(document, 'GET', '/orders/1')
    assert.deepEqual([...responses.keys()], ['200', '4XX', 'default'])
    const order = responses.get('200')
    assert.deepEqual(
      order?.headers.map(({ name, required }) => [name, required]),
      [['ETag', true]],
    )
    assert.deepEqual(
      order?.media.map(({ mediaType, schema }) => [mediaType, schema]),
      [
        ['application/json', { type: 'object' }],
        ['application/xml', true],
      ],
    )
    assert.deepEqual(
      security.map((one) => Object.fromEntries(one)),
      [{ oauth: ['orders:read'], key: [] }, {}],
    )
    assert.deepEqual(
      contract(document, 'PUT', '/orders/1').security.map((one) => [...one.keys()]),
      [['key']],
    )
  })

  for (const [why, operation] of [
    ['a parameter of the path that is not described', '"/a/{id}": { get: { responses: {} } }'],
    ['a described one that the path lacks', '/a: { get: { parameters: [{ name: b, in: path, required: true }] } }'],
    ['a parameter twice', '/a: { get: { parameters: [{ name: b, in: query }, { name: b, in: query }] } }'],
    ['a style of another place', '/a: { get: { parameters: [{ name: b, in: query, style: matrix }] } }'],
    ['a place that is unknown', '/a: { get: { parameters: [{ name: b, in: querystring }] } }'],
    ['a keyword that is none', '/a: { get: { parameters: [{ name: b, in: query, schema: { maxLenght: 1 } }] } }'],
    ['a keyword of 3.0', '/a: { get: { parameters: [{ name: b, in: query, schema: { nullable: true } }] } }'],
    ['identifiers that move references', '/a: { get: { parameters: [{ name: b, in: query, schema: { $id: x } }] } }'],
    ['an answer of no status', '/a: { get: { responses: { 2000: {} } } }'],
  ] as const) {
    test(`are refused for ${why}`, () => {
      const broken = open(`{ openapi: 3.1.0, paths: { ${operation} } }`)
      assert.throws(() => contract(broken, 'GET', operation.includes('{id}') ? '/a/1' : '/a'), DocumentError)
    })
  }

  test('of many kinds: QUERY, and others by name', () => {
    const other = open('{ openapi: 3.2.0, paths: { /a: { query: {}, additionalOperations: { COPY: {} } } } }')
    assert.deepEqual(
      other.operations.map(({ method }) => method),
      ['QUERY', 'COPY'],
    )
  })
})

describe('schemas', () => {
  test('that refer to themselves and to other files are complete in themselves', () => {
    const document = open(
      `
openapi: 3.1.0
paths: { /a: { $ref: 'paths/a.yaml' } }
components: { schemas: { Tree: { type: object, properties: { nodes: { items: { $ref: '#/components/schemas/Tree' } } } } } }
`,
      {
        'paths/a.yaml': {
          post: { requestBody: { content: { 'application/json': { schema: { $ref: '../schemas.yaml#Wood' } } } } },
        },
        'schemas.yaml': {
          Wood: { $anchor: 'Wood', type: 'array', items: { $ref: 'openapi.yaml#/components/schemas/Tree' } },
        },
      },
    )
    const schema = contract(document, 'POST', '/a').body?.media[0]?.schema as JsonSchema
    assert.deepEqual(Object.keys((schema as { $defs: object }).$defs), ['Wood', 'Tree'])
    assert.equal(accepts(schema, [{ nodes: [{ nodes: [] }] }]), true)
    assert.equal(accepts(schema, [{ nodes: [{ nodes: [1] }] }]), false)
  })

  test('of 3.0 mean the same in JSON Schema 2020-12', () => {
    const schema = bodySchema(
      '{ Name: { type: string } }',
      `{ type: object, properties: {
          n: { type: integer, minimum: 1, exclusiveMinimum: true, maximum: 9, exclusiveMaximum: false },
          s: { type: string, nullable: true, example: x }, e: { type: string, nullable: true, enum: [a] },
          example: { $ref: '#/components/schemas/Name', maxLength: 0 } } }`,
      '3.0.3',
    )
    for (const [value, expected] of [
      [{ n: 1 }, false],
      [{ n: 9 }, true],
      [{ s: null }, true],
      [{ e: null }, false],
      [{ example: 'a' }, true],
      [{ example: 1 }, false],
    ] as const) {
      assert.equal(accepts(schema, value), expected, JSON.stringify(value))
    }
  })

  const pets = (parent: string) => `{ Pet: ${parent},
    Cat: { allOf: [{ $ref: '#/components/schemas/Pet' }], type: object, properties: { lives: { type: integer } }, required: [lives] },
    Dog: { allOf: [{ $ref: '#/components/schemas/Pet' }], type: object, required: [barks] } }`

  test('are chosen by a discriminator', () => {
    const schema = bodySchema(
      '{ Cat: { type: object, required: [lives] }, Dog: { type: object, required: [barks] } }',
      `{ oneOf: [{ $ref: '#/components/schemas/Cat' }, { $ref: '#/components/schemas/Dog' }],
         discriminator: { propertyName: kind, mapping: { kitten: Cat } } }`,
    )
    assert.equal(accepts(schema, { kind: 'kitten', lives: 1 }), true)
    assert.equal(accepts(schema, { kind: 'Dog', barks: 1, lives: 1 }), true)
    for (const value of [{ kind: 'kitten', barks: 1 }, { kind: 'Cow', lives: 1 }, { lives: 1 }]) {
      assert.equal(accepts(schema, value), false, JSON.stringify(value))
    }
  })

  test('are chosen by the discriminator of what they build on', () => {
    const parent = '{ type: object, properties: { kind: { type: string } }, discriminator: { propertyName: kind } }'
    const schema = bodySchema(pets(parent), "{ $ref: '#/components/schemas/Pet' }")
    assert.equal(accepts(schema, { kind: 'Cat', lives: 9 }), true)
    assert.equal(accepts(schema, { kind: 'Cat' }), false)
    assert.equal(accepts(schema, { kind: 'Fish' }), false)
  })

  test('that a discriminator cannot choose among are refused', () => {
    const schema = '{ oneOf: [{ type: object }], discriminator: { propertyName: kind } }'
    assert.throws(() => bodySchema('{}', schema), /each schema must be a reference/)
  })
})
