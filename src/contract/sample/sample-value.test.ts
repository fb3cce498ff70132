import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { JsonSchema } from '../../openapi/operation.ts'
import { compileSchema } from '../schema/compile-schema.ts'
import { sampleValue } from './sample-value.ts'

test('samples are allowed by what they are samples of', () => {
  const $defs = {
    id: { type: 'integer', readOnly: true },
    sku: { type: 'string', pattern: '^[A-Z]{2,4}-(?:\\d{3}|x)$' },
  }
  const schemas: JsonSchema[] = [
    true,
    { type: 'integer', minimum: 5, multipleOf: 4 },
    { type: 'number', exclusiveMaximum: 0 },
    { type: 'string', minLength: 12, maxLength: 12 },
    { type: 'string', pattern: '^\\w+$', minLength: 30 },
    { type: 'string', format: 'int64' },
    { type: 'array', items: { type: 'string', format: 'uuid' }, minItems: 1 },
    { type: ['null', 'boolean'] },
    { enum: ['a', 'b'] },
    { oneOf: [{ type: 'string', maxLength: 2 }, { type: 'integer' }] },
    {
      $defs,
      type: 'object',
      required: ['id', 'sku'],
      properties: { id: { $ref: '#/$defs/id' }, sku: { $ref: '#/$defs/sku' } },
    },
    {
      $defs,
      allOf: [
        { properties: { sku: { $ref: '#/$defs/sku' } }, required: ['sku'] },
        { properties: { n: { const: 3 } }, required: ['n'] },
      ],
    },
    {
      type: 'object',
      properties: { next: { $ref: '#' }, value: { type: 'string', format: 'date' } },
      required: ['value'],
    },
  ]
  for (const schema of schemas) {
    const value = sampleValue(schema, 'refuse')
    assert.notEqual(value, undefined, JSON.stringify(schema))
    const judge = compileSchema(schema, { direction: 'request', unknownProperties: 'refuse' })
    assert.deepEqual(judge.judge(value, 'body', ''), [])
  }
})

test('where none is found, none is made up', () => {
  for (const schema of [
    false,
    { type: 'string', pattern: '^a$', minLength: 2 },
    { not: {} },
    { type: 'integer', minimum: 3, maximum: 2 },
  ]) {
    assert.equal(sampleValue(schema, 'refuse'), undefined)
  }
})
