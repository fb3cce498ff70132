import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { Fields } from '../core/fields.ts'
import { parseMultipart } from '../input/multipart.ts'
import { parsePairs } from '../input/pairs.ts'
import type { BodyInput } from '../input/read-body.ts'
import type { JsonSchema, MediaContract, OperationContract, ParameterContract } from '../openapi/operation.ts'
import { type ContractOptions, compileRequest, compileResponse, type RequestMessage } from './compile-contract.ts'

const strict: ContractOptions = {
  unknownProperties: 'refuse',
  unknownQuery: 'refuse',
  unknownCookies: 'ignore',
  xml: 'refuse',
}
const bytes = new Uint8Array(0)
const json = (value: unknown, type = 'application/json'): BodyInput => ({ kind: 'json', type, value, bytes })

function operation(given: Partial<OperationContract>): OperationContract {
  return { id: 'test', parameters: [], body: null, responses: new Map(), security: [], ...given }
}

function media(mediaType: string, schema: JsonSchema, encoding: MediaContract['encoding'] = new Map()): MediaContract {
  return { mediaType, schema, encoding }
}

function parameter(given: Partial<ParameterContract>): ParameterContract {
  return {
    name: 'p',
    in: 'query',
    required: false,
    style: given.in === 'path' || given.in === 'header' ? 'simple' : 'form',
    explode: (given.in ?? 'query') === 'query' && (given.style ?? 'form') === 'form',
    allowReserved: false,
    allowEmptyValue: false,
    schema: true,
    contentType: null,
    ...given,
  }
}

/** What is told of a request, as `place at rule`, or the kind of verdict. */
function told(
  given: Partial<OperationContract>,
  message: Partial<RequestMessage>,
  options = strict,
): string[] | string {
  const whole: RequestMessage = {
    params: {},
    query: { ok: true, pairs: [] },
    headers: new Fields(['content-type', 'x']),
    cookies: [],
    body: { kind: 'none' },
    ...message,
  }
  const verdict = compileRequest(operation(given), options).judge(whole)
  return verdict.kind === 'violates' ? verdict.violations.map((one) => `${one.in} ${one.at} ${one.rule}`) : verdict.kind
}

const query = (text: string): Partial<RequestMessage> => ({ query: parsePairs(text) })

describe('query parameters', () => {
  const list = { type: 'array', items: { type: 'integer' } }
  const point = { type: 'object', properties: { x: { type: 'integer' }, y: { type: 'integer' } }, required: ['x'] }
  const of = (given: Partial<ParameterContract>) => ({ parameters: [parameter(given)] })
  for (const [why, given, good, bad] of [
    [
      'integer',
      { schema: { type: 'integer' } },
      'p=-12',
      ['p=01', 'p=1e3', 'p=0x1', 'p=+1', 'p=%201', 'p=1.0', 'p=', 'p=-0'],
    ],
    ['number', { schema: { type: 'number' } }, 'p=-0.50', ['p=1e3', 'p=.5', 'p=5.', 'p=NaN', 'p=Infinity', 'p=1,5']],
    ['boolean', { schema: { type: 'boolean' } }, 'p=true', ['p=True', 'p=1', 'p=yes', 'p']],
    ['null', { schema: { type: ['integer', 'null'] } }, 'p=', ['p=x']],
    ['a number or a text', { schema: { type: ['integer', 'string'], maxLength: 3, maximum: 9 } }, 'p=012', ['p=0123']],
    ['required', { required: true, schema: { type: 'string' } }, 'p=a', ['', 'P=a']],
    ['once', { schema: { type: 'string' } }, 'p=a', ['p=a&p=b', 'p=a&p=a']],
    ['exploded list', { schema: list }, 'p=1&p=2', ['p=1&p=x', 'p=1,2']],
    ['list', { schema: list, explode: false }, 'p=1,2', ['p=1&p=2', 'p=1,', 'p=1;2']],
    ['list by spaces', { schema: list, style: 'spaceDelimited' }, 'p=1%202', ['p=1,2']],
    ['list by pipes', { schema: list, style: 'pipeDelimited' }, 'p=1%7C2', ['p=1,2']],
    ['exploded object', { schema: point }, 'x=1&y=2', ['x=a', 'x=1&x=2', 'x=1&z=1', 'y=1']],
    ['object', { schema: point, explode: false }, 'p=x,1,y,2', ['p=x', 'p=x,1,x,2', 'p=y,1', 'p=x,1,z,1']],
    [
      'deep object',
      { schema: point, style: 'deepObject', explode: true },
      'p[x]=1&p[y]=2',
      ['p[x]=a', 'p[x]=1&p[x]=2', 'p[z]=1', 'p[x][y]=1', 'p[]=1', 'p[x=1', 'p[__proto__]=1', 'p[constructor]=1'],
    ],
    [
      'JSON',
      { schema: point, contentType: 'application/json' },
      'p={"x":1}',
      ['p={"x":"1"}', 'p={"x":1,"x":2}', 'p={', 'p={"x":1}&p={}'],
    ],
    ['an empty value', { schema: { type: 'integer' }, allowEmptyValue: true }, 'p=', ['p=a']],
    ['a format', { schema: { type: 'string', format: 'date' } }, 'p=2024-01-31', ['p=2024-02-31']],
  ] as const) {
    test(why, () => {
      assert.equal(told(of(given as Partial<ParameterContract>), query(good)), 'meets')
      for (const text of bad) assert.ok(Array.isArray(told(of(given as Partial<ParameterContract>), query(text))), text)
    })
  }
  test('unknown ones are refused unless the contract ignores them', () => {
    assert.deepEqual(told({}, query('role=admin')), ['query role unknown'])
    assert.equal(told({}, query('role=admin'), { ...strict, unknownQuery: 'ignore' }), 'meets')
  })
  test('what cannot be read is not judged', () => assert.equal(told({}, query('a=%zz')), 'unreadable'))
  test('no name of a member changes what all objects inherit', () => {
    const open = of({ style: 'deepObject', explode: true, schema: { type: 'object', additionalProperties: true } })
    assert.equal(told(open, query('p[__proto__]=1&p[constructor]=2')), 'meets')
    assert.equal(({} as Record<string, unknown>).polluted, undefined)
  })
})

describe('parameters elsewhere', () => {
  const list = { type: 'array', items: { type: 'integer' }, maxItems: 2 }
  const point = { type: 'object', properties: { x: { type: 'integer' }, y: { type: 'integer' } } }
  for (const [style, explode, schema, good, bad] of [
    ['simple', false, { type: 'integer' }, '5', '5,6'],
    ['simple', false, list, '5,6', '5,6,7'],
    ['simple', false, point, 'x,1,y,2', 'x,1,y'],
    ['simple', true, point, 'x=1,y=2', 'x,1,y,2'],
    ['label', false, { type: 'integer' }, '.5', '5'],
    ['label', false, list, '.5,6', '.5.6'],
    ['label', true, list, '.5.6', '.5,6'],
    ['label', true, point, '.x=1.y=2', '.x=1.x=2'],
    ['matrix', false, { type: 'integer' }, ';p=5', ';q=5'],
    ['matrix', false, list, ';p=5,6', ';p=5;p=6'],
    ['matrix', true, list, ';p=5;p=6', ';p=5,6'],
    ['matrix', true, point, ';x=1;y=2', ';x=1;z=2'],
  ] as const) {
    test(`path, ${style}${explode ? ', exploded' : ''}: ${good}`, () => {
      const parameters = [parameter({ in: 'path', style, explode, schema: schema as JsonSchema, required: true })]
      assert.equal(told({ parameters }, { params: { p: good } }), 'meets')
      assert.ok(Array.isArray(told({ parameters }, { params: { p: bad } })))
    })
  }
  test('header fields', () => {
    const parameters = [parameter({ in: 'header', name: 'X-Ids', schema: list, required: true })]
    assert.equal(told({ parameters }, { headers: new Fields(['x-ids', '1, 2']) }), 'meets')
    assert.equal(told({ parameters }, { headers: new Fields(['x-ids', '1', 'x-ids', '2']) }), 'meets')
    assert.deepEqual(told({ parameters }, { headers: new Fields(['x-ids', '1', 'x-ids', '2,3']) }), [
      'header X-Ids maxItems',
    ])
    assert.deepEqual(told({ parameters }, { headers: new Fields() }), ['header X-Ids required'])
    const one = [parameter({ in: 'header', name: 'X-Id', schema: { type: 'integer' } })]
    assert.deepEqual(told({ parameters: one }, { headers: new Fields(['x-id', '1', 'x-id', '2']) }), [
      'header X-Id repeated',
    ])
  })
  test('cookies', () => {
    const parameters = [parameter({ in: 'cookie', name: 'n', schema: { type: 'integer' } })]
    assert.equal(
      told(
        { parameters },
        {
          cookies: [
            ['n', '1'],
            ['sid', 'x'],
          ],
        },
      ),
      'meets',
    )
    assert.deepEqual(
      told(
        { parameters },
        {
          cookies: [
            ['n', '1'],
            ['n', '2'],
          ],
        },
      ),
      ['cookie n repeated'],
    )
    assert.deepEqual(told({ parameters }, { cookies: [['sid', 'x']] }, { ...strict, unknownCookies: 'refuse' }), [
      'cookie sid unknown',
    ])
  })
  test('a style that its place does not have is refused', () => {
    assert.throws(() => told({ parameters: [parameter({ in: 'path', style: 'form' })] }, {}), /style/)
  })
})

describe('bodies', () => {
  const order = {
    type: 'object',
    properties: { count: { type: 'integer', maximum: 9 }, tags: { type: 'array', items: { type: 'integer' } } },
    required: ['count'],
  }
  const of = (...all: MediaContract[]) => ({ body: { required: true, media: all } })
  test('by type, the most exact of those that match', () => {
    const given = of(
      media('application/*', false),
      media('application/json; charset=utf-8', order),
      media('text/plain', { maxLength: 1 }),
    )
    assert.equal(told(given, { body: json({ count: 1 }) }), 'meets')
    assert.deepEqual(told(given, { body: json({ count: 10, role: 1 }) }), [
      'body /role additionalProperties',
      'body /count maximum',
    ])
    assert.deepEqual(told(given, { body: json({ count: 1 }, 'application/x+json') }), ['body  false'])
    assert.deepEqual(told(given, { body: { kind: 'text', type: 'text/plain', text: 'ab', bytes } }), [
      'body  maxLength',
    ])
    assert.equal(told(given, { body: { kind: 'text', type: 'text/html', text: 'a', bytes } }), 'media-type')
  })
  test('none where one must be, one where none may be', () => {
    assert.deepEqual(told(of(media('application/json', order)), {}), ['body  required'])
    assert.deepEqual(told({}, { body: json({}) }), ['body  unexpected'])
    assert.deepEqual(told({}, { body: { kind: 'unreadable', problem: 'x' } }), ['body  unexpected'])
  })
  test('unreadable, or of no type', () => {
    const given = of(media('application/json', order))
    const body: BodyInput = { kind: 'unreadable', problem: 'x' }
    assert.equal(told(given, { body }), 'unreadable')
    assert.equal(told(given, { body, headers: new Fields() }), 'media-type')
  })
  test('XML is refused although it is listed, unless it may pass', () => {
    const given = of(media('application/xml', order))
    const body: BodyInput = { kind: 'xml', type: 'application/xml', text: '<a/>', bytes }
    assert.equal(told(given, { body }), 'media-type')
    assert.equal(told(given, { body }, { ...strict, xml: 'pass' }), 'meets')
  })
  test('forms', () => {
    const encoding = new Map([['tags', { contentType: null, style: 'form' as const, explode: false }]])
    const type = 'application/x-www-form-urlencoded'
    const form = (text: string): Partial<RequestMessage> => {
      const read = parsePairs(text)
      assert.ok(read.ok)
      return { body: { kind: 'form', type, pairs: read.pairs, bytes } }
    }
    const given = of(media(type, order))
    assert.equal(told(given, form('count=1&tags=1&tags=2')), 'meets')
    assert.equal(told(of(media(type, order, encoding)), form('count=1&tags=1,2')), 'meets')
    assert.deepEqual(told(given, form('count=1&count=2')), ['body /count repeated'])
    assert.deepEqual(told(given, form('count=1&role=admin')), ['body /role additionalProperties'])
    assert.deepEqual(told(given, form('count=1&__proto__=1')), ['body /__proto__ additionalProperties'])
    assert.deepEqual(told(given, form('count=1e1')), ['body /count type'])
    const nested = of(media(type, { properties: { order } }))
    assert.equal(told(nested, form('order={"count":1}')), 'meets')
    assert.deepEqual(told(nested, form('order={"count":"1"}')), ['body /order/count type'])
    assert.deepEqual(told(nested, form('count=1')), ['body /count additionalProperties'])
  })
  test('parts', () => {
    const type = 'multipart/form-data'
    const schema = {
      properties: { meta: order, file: { type: 'string', format: 'binary', maxLength: 3 }, n: { type: 'integer' } },
    }
    const encoding = new Map([['file', { contentType: 'image/png, image/gif', style: 'form' as const, explode: true }]])
    const part = (head: string, body: string) => `--b\r\nContent-Disposition: form-data; ${head}\r\n\r\n${body}\r\n`
    const parts = (...all: string[]): Partial<RequestMessage> => {
      const read = parseMultipart(Buffer.from(`${all.join('')}--b--`), 'b')
      assert.ok(read.ok)
      return { body: { kind: 'multipart', type, parts: read.parts, bytes } }
    }
    const given = of(media(type, schema, encoding))
    const file = (text: string, as = 'image/png') => part(`name="file"; filename="a"\r\nContent-Type: ${as}`, text)
    assert.equal(told(given, parts(part('name="meta"', '{"count":1}'), part('name="n"', '5'), file('ÿ'))), 'meets')
    assert.deepEqual(told(given, parts(part('name="meta"', '{"count":"1"}'))), ['body /meta/count type'])
    assert.deepEqual(told(given, parts(part('name="meta"', '{"count":1,"count":2}'))), ['body /meta contentType'])
    assert.deepEqual(told(given, parts(part('name="n"', '5'), part('name="n"', '6'))), ['body /n repeated'])
    assert.deepEqual(told(given, parts(part('name="role"', 'admin'))), ['body /role additionalProperties'])
    assert.deepEqual(told(given, parts(file('abcd'))), ['body /file maxLength'])
    assert.deepEqual(told(given, parts(file('abc', 'text/html'))), ['body /file contentType'])
  })
  test('bytes', () => {
    const body: BodyInput = { kind: 'binary', type: 'image/png', bytes: new Uint8Array(4) }
    assert.equal(told(of(media('image/*', { type: 'string', format: 'binary' })), { body }), 'meets')
    assert.deepEqual(told(of(media('image/*', { type: 'string', maxLength: 3 })), { body }), ['body  maxLength'])
  })
})

test('responses, by status', () => {
  const user = {
    type: 'object',
    properties: { name: { type: 'string' }, password: { type: 'string', writeOnly: true } },
    required: ['name', 'password'],
  }
  const responses = new Map([
    [
      '200',
      {
        headers: [parameter({ in: 'header', name: 'X-Total', schema: { type: 'integer' } })],
        media: [media('application/json', user)],
      },
    ],
    ['4XX', { headers: [], media: [] }],
  ])
  const validator = compileResponse(operation({ responses }), strict)
  const judge = (status: number, body: BodyInput, headers = new Fields()) => {
    const verdict = validator.judge({ status, headers, body })
    return verdict.kind === 'violates'
      ? verdict.violations.map((one) => `${one.in} ${one.at} ${one.rule}`)
      : verdict.kind
  }
  assert.equal(judge(200, json({ name: 'a' })), 'meets')
  assert.deepEqual(judge(200, json({ name: 'a', password: 'b' })), ['body /password writeOnly'])
  assert.deepEqual(judge(200, json({ name: 'a', hash: 'b' })), ['body /hash additionalProperties'])
  assert.deepEqual(judge(200, json({ name: 'a' }), new Fields(['x-total', 'x'])), ['header X-Total type'])
  assert.equal(judge(404, json({})), 'meets')
  assert.deepEqual(judge(500, json({})), ['body  status'])
})
