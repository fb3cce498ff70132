import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { gzipSync } from 'node:zlib'
import type { Exchange } from '../core/exchange.ts'
import { Fields } from '../core/fields.ts'
import { parseMediaType, toBodyKind } from './media-type.ts'
import { parseMultipart } from './multipart.ts'
import { parsePairs } from './pairs.ts'
import { readInput } from './request-input.ts'

function exchangeOf(headers: string[], body: string | Uint8Array, query = ''): Exchange {
  const bytes = typeof body === 'string' ? Buffer.from(body) : body
  return { query, headers: new Fields(headers), body: { bytes }, input: null } as unknown as Exchange
}

describe('a request is read once', () => {
  test('JSON, and the same value for everyone who asks', async () => {
    const exchange = exchangeOf(['content-type', 'application/merge-patch+json'], '{"a":[1]}')
    const body = readInput(exchange).body
    assert.equal(readInput(exchange).body, body)
    assert.ok(!(body instanceof Promise))
    assert.ok(body.kind === 'json')
    assert.deepEqual(body.value, { a: [1] })
  })

  test('compressed bodies are unpacked, broken ones are not guessed at', async () => {
    const headers = ['content-type', 'application/json', 'content-encoding', 'gzip']
    const read = await readInput(exchangeOf(headers, gzipSync('{"a":1}'))).body
    assert.ok(read.kind === 'json')
    assert.deepEqual(read.value, { a: 1 })
    assert.equal((await readInput(exchangeOf(headers, '{"a":1}')).body).kind, 'unreadable')
  })

  for (const [why, headers, body] of [
    ['no type', [], '{}'],
    ['two types', ['content-type', 'application/json', 'content-type', 'text/plain'], '{}'],
    ['another charset', ['content-type', 'application/json; charset=utf-16'], '{}'],
    ['a repeated member', ['content-type', 'application/json'], '{"a":1,"a":2}'],
    ['bytes that are no UTF-8', ['content-type', 'text/plain'], Buffer.from([0xff])],
    ['a broken escape', ['content-type', 'application/x-www-form-urlencoded'], 'a=%zz'],
  ] as const) {
    test(`${why} cannot be read`, async () => {
      assert.equal((await readInput(exchangeOf([...headers], body)).body).kind, 'unreadable')
    })
  }

  test('the query and cookies', () => {
    const input = readInput(exchangeOf(['cookie', 'a=1; b = 2;; c'], '', 'q=a+b&q=%C3%A9&flag'))
    assert.deepEqual(input.query, {
      ok: true,
      pairs: [
        ['q', 'a b'],
        ['q', 'é'],
        ['flag', ''],
      ],
    })
    assert.deepEqual(input.cookies, [
      ['a', '1'],
      ['b', '2'],
      ['', 'c'],
    ])
  })
})

describe('media types', () => {
  test('parameters, quoted ones too', () => {
    const type = parseMediaType('Multipart/Form-Data; boundary="a;b\\"c"')
    assert.equal(type?.essence, 'multipart/form-data')
    assert.equal(type?.parameters.get('boundary'), 'a;b"c')
    assert.equal(toBodyKind('image/svg+xml'), 'xml')
  })
  for (const text of ['', 'json', 'a/b; x', 'a/b; x=1; X=2', 'a/b, c/d', 'a/b; x=1 2']) {
    test(`${JSON.stringify(text)} is none`, () => assert.equal(parseMediaType(text), null))
  }
})

describe('multipart bodies', () => {
  const part = (head: string, body = 'x') => `--b\r\n${head}\r\n\r\n${body}\r\n`
  const field = 'Content-Disposition: form-data; name="f"'

  test('fields and files', () => {
    const file = 'Content-Type: image/PNG\r\nContent-Disposition: form-data; name="g"; filename="a\\"b.png"'
    const read = parseMultipart(Buffer.from(`${part(field, '')}${part(file, '\r\n--c')}--b--\r\n`), 'b')
    assert.ok(read.ok)
    assert.deepEqual(
      read.parts.map(({ name, fileName, type, bytes }) => [name, fileName, type, Buffer.from(bytes).toString()]),
      [
        ['f', null, null, ''],
        ['g', 'a"b.png', 'image/png', '\r\n--c'],
      ],
    )
  })
  for (const [why, body] of [
    ['a preamble', `x\r\n${part(field)}--b--`],
    ['an epilogue', `${part(field)}--b--\r\nx`],
    ['no last boundary', part(field)],
    ['no name', `${part('Content-Disposition: form-data')}--b--`],
    ['two names', `${part(`${field}; name="g"`)}--b--`],
    ['an extended name', `${part(`${field}; filename*=UTF-8''x`)}--b--`],
    ['two dispositions', `${part(`${field}\r\n${field}`)}--b--`],
    ['bare line feeds', `--b\n${field}\n\nx\n--b--`],
  ] as const) {
    test(`${why} is a problem`, () => assert.equal(parseMultipart(Buffer.from(body), 'b').ok, false))
  }
})

test('pairs that are broken are told so', () => {
  assert.equal(parsePairs('a=%E0%A4').ok, false)
  assert.deepEqual(parsePairs('&&a==&'), { ok: true, pairs: [['a', '=']] })
})
