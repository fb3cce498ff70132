import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { gzipSync } from 'node:zlib'
import { parseTestOptions, runTestExchange, type TestRequest } from '../../../test/support/exchange.ts'
import { runProbes } from '../../../test/support/probes.ts'
import { refuse } from '../../core/decision.ts'
import { definePolicy } from '../../core/policy.ts'
import { readInput } from '../../input/request-input.ts'
import { bodyLimits } from '../body-limits/index.ts'
import { structureLimits } from './index.ts'
import { type StructureLimitsOptions, options as schema } from './options.ts'

const read = (options: unknown) => parseTestOptions(structureLimits, options) as StructureLimitsOptions

/** Another policy that reads the body whole, and tells what it read. */
const reader = definePolicy({
  name: 'reader',
  summary: 'reads the body',
  kind: 'protection',
  options: schema,
  codes: {},
  compose: () => 'both',
  create: () => ({
    requestBody: 'buffer',
    async authorize(exchange) {
      const body = await readInput(exchange).body
      return body.kind === 'unreadable' ? refuse('policy_fault', 'the reader came first') : { kind: 'next' }
    },
  }),
  probes: () => [],
})

type Mode = 'enforce' | 'observe'
/** Whether the body is buffered by another policy, streamed in one piece or in many, or declared. */
const ways = ['buffered', 'streamed', 'byte by byte', 'compressed'] as const

async function send(way: (typeof ways)[number], request: TestRequest, options: unknown = {}, mode: Mode = 'enforce') {
  const bytes = Buffer.from((request.body as Uint8Array | string | undefined) ?? '')
  const headers = [...((request.headers as readonly (readonly [string, string])[] | undefined) ?? [])]
  if (way === 'compressed' && bytes.length > 0) headers.push(['content-encoding', 'gzip'])
  const body =
    bytes.length === 0
      ? null
      : way === 'compressed'
        ? gzipSync(bytes)
        : way === 'byte by byte'
          ? Array.from(bytes, (byte) => Uint8Array.of(byte))
          : bytes
  const policies = [{ policy: bodyLimits }, { policy: structureLimits, options, mode }]
  return runTestExchange({
    method: 'POST',
    ...request,
    headers,
    body,
    policies: way === 'buffered' ? [...policies, { policy: reader }] : policies,
  })
}

const typed = (type: string, body: string | Uint8Array): TestRequest => ({ headers: [['content-type', type]], body })
const json = (body: string | Uint8Array) => typed('application/json', body)
const form = (body: string) => typed('application/x-www-form-urlencoded', body)
const xml = (body: string | Uint8Array) => typed('application/xml', body)
const parts = (...all: string[]) =>
  typed(
    'multipart/form-data; boundary=b',
    `${all.map((one) => `--b\r\nContent-Disposition: form-data; ${one}\r\n`).join('')}--b--\r\n`,
  )

const honest: [string, TestRequest][] = [
  ['an object', json('{"name":"O\'Brien","items":[{"id":1,"price":19.99}],"note":"a\\nb","ok":true,"none":null}')],
  ['other JSON types', typed('application/vnd.api+json; charset=UTF-8', '{"data":[]}')],
  ['text of many languages', json('{"a":"人人生而自由","b":"😀 \\ud83d\\ude00","ключ":"é"}')],
  ['a form', form('name=Ada+Lovelace&note=a%0D%0Ab&tags[0]=x&tags[1]=y&address[city]=Paris&empty=')],
  [
    'fields and files',
    parts(
      'name="a"\r\n\r\nx',
      'name="f"; filename="报告.pdf"\r\nContent-Type: application/pdf\r\n\r\n\r\n--c',
      'name="f"; filename=""\r\n\r\n',
    ),
  ],
  [
    'XML',
    xml(
      '\ufeff<?xml version="1.0" encoding="UTF-8"?>\n<!-- <!DOCTYPE x> --><?pi x?><a b="1"><![CDATA[<!DOCTYPE html>]]></a>',
    ),
  ],
  ['text', typed('text/plain', 'SELECT one; <b>bold</b>')],
  ['bytes', typed('image/png', Uint8Array.of(0x89, 0, 0xff))],
]

const hostile: [string, TestRequest, string, unknown?][] = [
  ['no type', { headers: [], body: '{}' }, 'structure_type'],
  [
    'two types',
    {
      headers: [
        ['content-type', 'text/plain'],
        ['content-type', 'application/json'],
      ],
      body: '{}',
    },
    'structure_type',
  ],
  ['another charset', typed('application/json; charset=utf-7', '{}'), 'structure_type'],
  ['a type that is not wanted', typed('text/plain', 'x'), 'structure_type', { types: ['application/json', 'image/*'] }],
  ['a multipart type that nobody reads', typed('multipart/mixed; boundary=b', '--b--'), 'structure_type'],
  ['depth', json('['.repeat(33) + ']'.repeat(33)), 'structure_limit'],
  ['members', json('{"a":1,"b":{"c":1}}'), 'structure_limit', { json: { maxMembers: 2 } }],
  ['elements', json('[1,2,3]'), 'structure_limit', { json: { maxItems: 2 } }],
  ['a long string', json('["abcdef"]'), 'structure_limit', { json: { maxStringBytes: '5B' } }],
  ['a long name', json(`{"${'x'.repeat(257)}":1}`), 'structure_limit'],
  ['digits', json(`[${'9'.repeat(41)}]`), 'structure_limit'],
  ['a number that is out of range', json('[1e400]'), 'structure_limit'],
  ['a name twice', json('{"role":"user","\\u0072ole":"admin"}'), 'structure_malformed'],
  ['__proto__', json('{"a":{"__proto__":{"isAdmin":true}}}'), 'structure_malformed'],
  ['a constructor', json('{"constructor":{"prototype":{}}}'), 'structure_malformed'],
  ['broken UTF-8', json(Uint8Array.of(0x22, 0xff, 0x22)), 'structure_malformed'],
  ['half a pair', json('["\\udead"]'), 'structure_malformed'],
  ['a NUL', json('["a\\u0000b"]'), 'structure_malformed'],
  ['a byte order mark', json('\ufeff{}'), 'structure_malformed'],
  ['what is no JSON', json('{"a":1,}'), 'structure_malformed'],
  ['a parameter twice', form('role=user&x=1&role=admin'), 'structure_malformed'],
  ['a parameter as a list', form('role=user&role[]=admin'), 'structure_malformed'],
  ['a parameter in another case', form('role=user&ROLE=admin'), 'structure_malformed'],
  ['a parameter as PHP folds it', form('user_id=1&user.id=2'), 'structure_malformed'],
  ['a parameter behind a semicolon', form('role=user&x=1;role=admin'), 'structure_malformed'],
  ['a NUL in a form', form('file=a%00b'), 'structure_malformed'],
  ['a broken escape', form('a=%u0061'), 'structure_malformed'],
  ['many parameters', form('a=1&b=2&c=3'), 'structure_limit', { form: { maxParameters: 2 } }],
  ['a long value', form(`a=${'x'.repeat(11)}`), 'structure_limit', { form: { maxValueBytes: '10B' } }],
  ['a long form', form(`a=${'x'.repeat(20)}`), 'structure_limit', { form: { maxBytes: '10B' } }],
  ['many parts', parts('name="a"\r\n\r\n', 'name="b"\r\n\r\n'), 'structure_limit', { multipart: { maxParts: 1 } }],
  [
    'many files',
    parts('name="a"; filename="x"\r\n\r\n', 'name="a"; filename="y"\r\n\r\n'),
    'structure_limit',
    { multipart: { maxFiles: 1 } },
  ],
  [
    'a long field',
    parts(`name="a"\r\n\r\n${'x'.repeat(200)}`),
    'structure_limit',
    { multipart: { maxFieldBytes: '100B' } },
  ],
  [
    'a long file',
    parts(`name="a"; filename="b"\r\n\r\n${'x'.repeat(200)}`),
    'structure_limit',
    { multipart: { maxFileBytes: '100B' } },
  ],
  ['a long file name', parts(`name="a"; filename="${'x'.repeat(256)}"\r\n\r\n`), 'structure_limit'],
  ['a field twice', parts('name="role"\r\n\r\nuser', 'name="role"\r\n\r\nadmin'), 'structure_malformed'],
  ['a part without a name', parts('filename="x"\r\n\r\n'), 'structure_malformed'],
  [
    'a boundary behind a bare line feed',
    parts('name="a"\r\n\r\nx\n--b\r\nContent-Disposition: form-data; name="c"\r\n\r\ny'),
    'structure_malformed',
  ],
  ['a multipart body that is cut off', typed('multipart/form-data; boundary=b', '--b\r\n'), 'structure_malformed'],
  ['a document type', xml('<?xml version="1.0"?>\n<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'), 'structure_malformed'],
  ['a document type behind a comment', xml('  <!-- x -->  <!doctype a><a/>'), 'structure_malformed'],
  ['a comment that looks closed', xml('<!--><a>--><!DOCTYPE a><a/>'), 'structure_malformed'],
  ['XML in UTF-16', xml(Buffer.from('\ufeff<!DOCTYPE a><a/>', 'utf16le')), 'structure_malformed'],
  ['XML in UTF-16 without a mark', xml(Buffer.from('<a/>', 'utf16le')), 'structure_malformed'],
  ['XML in UTF-7', xml('<?xml version="1.0" encoding="UTF-7"?><a>+ADw-</a>'), 'structure_malformed'],
  ['XML that is none', xml('a<b/>'), 'structure_malformed'],
  ['XML at all', xml('<a/>'), 'structure_type', { xml: 'refuse' }],
  ['text that is not UTF-8', typed('text/csv', Uint8Array.of(0x61, 0xe9)), 'structure_malformed'],
  ['a NUL in text', typed('text/plain', 'a\0b'), 'structure_malformed'],
]

for (const way of ways) {
  describe(way, () => {
    for (const [name, request] of honest) {
      test(`${name} passes`, async () => {
        const { code, forwarded, exchange } = await send(way, request)
        assert.deepEqual([code, forwarded], [null, true], exchange.refusal?.detail ?? '')
      })
    }
    for (const [name, request, code, options] of hostile) {
      test(`${name} is refused`, async () => {
        assert.equal((await send(way, request, options)).code, code)
      })
    }
  })
}

describe('the query', () => {
  const query = (text: string, options: unknown = {}) =>
    runTestExchange({ query: text, policies: [{ policy: structureLimits, options }] })
  for (const text of [
    '',
    'q=O%27Brien+%26+co',
    'a[x]=1&a[y]=2',
    'filter.name=a&filter.age=1',
    'q=a;b',
    'flag&page=2',
  ]) {
    test(`${text} passes`, async () => assert.equal((await query(text)).forwarded, true))
  }
  for (const text of [
    'id=1&id=2',
    'id=1&id[]=2',
    'id=1&[id]=2',
    'id=1&%20id=2',
    'id=1&id%00x=2',
    'a=%0d%0aSet-Cookie',
    'a=%ff',
    'id=1;id=2',
  ]) {
    test(`${text} is refused`, async () => assert.equal((await query(text)).code, 'structure_malformed'))
  }
  test('names that may repeat', async () => {
    const options = { query: { allowRepeated: ['id'] } }
    assert.equal((await query('id=1&id[]=2&id=3', options)).forwarded, true)
    assert.equal((await query('id=1&x=1&x=2', options)).code, 'structure_malformed')
  })
  test('limits', async () => {
    assert.equal((await query('a=1&b=2', { query: { maxParameters: 1 } })).code, 'structure_limit')
    assert.equal((await query('abc=1', { query: { maxNameLength: 2 } })).code, 'structure_limit')
    assert.equal((await query('a=%C3%A9%C3%A9', { query: { maxValueBytes: '3B' } })).code, 'structure_limit')
  })
})

test('a refusal tells the place and the rule, and not the value', async () => {
  const { body, exchange } = await send('streamed', json('{"orders":[{"note":"a\\u0000secret"}]}'))
  const { errors } = JSON.parse(body) as { errors: unknown }
  assert.deepEqual(errors, [{ in: 'body', at: '/orders/0/note', rule: 'control', expected: 'no control characters' }])
  assert.equal(exchange.refusal?.detail, 'body "/orders/0/note": control')
  assert.equal(exchange.decidedBy, 'structure-limits')
})

test('a refusal of a type tells which would be taken', async () => {
  const tellOf = async (type: string, options?: unknown) => {
    const { body } = await send('streamed', typed(type, '{}'), options)
    return (JSON.parse(body) as { errors: { expected: string }[] }).errors[0]?.expected
  }
  assert.equal(await tellOf('application/json; charset=iso-8859-1'), 'charset=utf-8, or none')
  assert.equal(
    await tellOf('text/plain', { types: ['application/json', 'image/*'] }),
    'one of application/json, image/*',
  )
})

test('a large body is streamed, and reading stops where it goes wrong', async () => {
  const rows = async function* () {
    yield Buffer.from('[')
    for (let i = 0; i < 9000; i++) yield Buffer.from(`{"id":${i}},`)
    yield Buffer.from('{"id":1,"id":2}]')
    assert.fail('nothing was to be read behind it')
  }
  const result = await runTestExchange({
    method: 'POST',
    headers: [['content-type', 'application/json']],
    body: rows(),
    policies: [{ policy: structureLimits }],
  })
  assert.equal(result.code, 'structure_malformed')
  assert.match(result.body, /\/9000\/id/)
})

test('no body needs no type, whether its length is declared or not', async () => {
  for (const body of [null, [], [Buffer.alloc(0)]]) {
    const { forwarded } = await runTestExchange({ method: 'POST', body, policies: [{ policy: structureLimits }] })
    assert.equal(forwarded, true)
  }
})

test('with a declared length, the last chunk is judged as the end', async () => {
  const { exchange } = await send('streamed', json('{"a":1'))
  assert.equal(exchange.refusal?.code, 'structure_malformed')
})

test('observe mode passes and records, whichever way the body goes', async () => {
  for (const way of ['buffered', 'streamed', 'byte by byte'] as const) {
    const request = way === 'buffered' ? json(`["${'\\u0000'}"]`) : json('{"a":1,"a":2}')
    const { forwarded, exchange } = await send(way, request, {}, 'observe')
    assert.equal(forwarded, true)
    assert.deepEqual(exchange.observed, [{ policy: 'structure-limits', code: 'structure_malformed' }])
  }
})

test('composes member by member', () => {
  const compose = (inherited: object, own: object) => structureLimits.compose(read(inherited), read(own))
  assert.equal(compose({}, {}), 'tighter')
  assert.equal(
    compose(
      {},
      {
        json: { maxDepth: 5, forbiddenNames: ['__proto__', 'constructor', 'prototype', 'x'] },
        xml: 'refuse',
        types: ['text/plain'],
      },
    ),
    'tighter',
  )
  assert.equal(compose({ types: ['image/*'] }, { types: ['image/png'] }), 'tighter')
  for (const [inherited, own] of [
    [{}, { json: { maxDepth: 33 } }],
    [{}, { json: { forbiddenNames: [] } }],
    [{}, { json: { allowControls: true } }],
    [{}, { query: { allowRepeated: ['id'] } }],
    [{}, { multipart: { maxFiles: 21 } }],
    [{ xml: 'refuse' }, {}],
    [{ types: ['image/*'] }, {}],
    [{ types: ['image/png'] }, { types: ['image/*'] }],
  ] as const) {
    assert.equal(compose(inherited, own), 'looser', JSON.stringify(own))
  }
})

test('rejects bad configuration', () => {
  for (const bad of [
    { json: { maxDepth: 65 } },
    { json: { maxdepth: 5 } },
    { types: [] },
    { types: ['json'] },
    { xml: 'all' },
    { query: { maxValueBytes: 5 } },
  ]) {
    assert.throws(() => read(bad), JSON.stringify(bad))
  }
})

for (const options of [
  {},
  { types: ['application/json'], json: { maxDepth: 3, maxMembers: 5, forbiddenNames: [] }, xml: 'refuse' },
]) {
  test(`probes pass with the policy and their attacks fail without it: ${JSON.stringify(options)}`, async () => {
    const run = { policy: structureLimits, options, method: 'POST' }
    const on = await runProbes({ ...run, enforced: true })
    assert.deepEqual(
      on.filter(({ failure }) => failure !== null),
      [],
    )
    const off = await runProbes({ ...run, enforced: false })
    assert.deepEqual(
      off.filter(({ kind, failure }) => (kind === 'attack') === (failure === null)),
      [],
    )
  })
}
