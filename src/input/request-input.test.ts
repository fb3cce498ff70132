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

  test('what a body unpacks to is bounded as the route says', async () => {
    const headers = ['content-type', 'text/plain', 'content-encoding', 'gzip']
    const read = (maxDecodedBytes: number) => {
      const input = readInput(exchangeOf(headers, gzipSync('x'.repeat(5000))))
      input.maxDecodedBytes = maxDecodedBytes
      return input.body
    }
    assert.equal((await read(5000)).kind, 'text')
    assert.deepEqual(await read(4999), { kind: 'unreadable', problem: 'it unpacks to more than 4999 bytes' })
  })

  for (const [why, headers, body] of [
    [
      'a second member behind the first',
      ['content-type', 'text/plain', 'content-encoding', 'gzip'],
      Buffer.concat([gzipSync('a'), gzipSync('b')]),
    ],
    ['several codings', ['content-type', 'text/plain', 'content-encoding', 'gzip, br'], gzipSync('a')],
    [
      'a boundary that PHP finds elsewhere',
      ['content-type', 'multipart/form-data; x="boundary=c"; boundary=b'],
      '--b--',
    ],
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
  for (const text of ['', 'json', 'a/b; x="a\\b"', 'a/b; x', 'a/b; x=1; X=2', 'a/b, c/d', 'a/b; x=1 2']) {
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
  test('what browsers and clients really send', () => {
    for (const [head, body, name, fileName] of [
      ['Content-Disposition: form-data; name="a%22b%0D%0Ac"', 'x', 'a%22b%0D%0Ac', null],
      ['Content-Disposition: form-data; name="файл"; filename="报告 (1).pdf"', 'x', 'файл', '报告 (1).pdf'],
      ['Content-Disposition: form-data; name="f"; filename=""\r\nContent-Type: application/octet-stream', '', 'f', ''],
      ['Content-Disposition: form-data; name="f"; filename="C:\\docs\\a.txt"', 'x', 'f', 'C:\\docs\\a.txt'],
      ["Content-Disposition: form-data; name=f; filename=a.txt; filename*=utf-8''a.txt", 'x', 'f', 'a.txt'],
      [
        'content-disposition: form-data; name="f"\r\nContent-Transfer-Encoding: 8bit\r\nContent-Length: 1',
        'x',
        'f',
        null,
      ],
      [field, 'x--b\r\n-b\r\n--\r\n--c--', 'f', null],
    ] as const) {
      for (const end of ['--b--', '--b--\r\n']) {
        const read = parseMultipart(Buffer.from(`${part(head, body)}${end}`), 'b')
        assert.ok(read.ok, head)
        assert.deepEqual([read.parts[0]?.name, read.parts[0]?.fileName], [name, fileName])
        assert.equal(Buffer.from(read.parts[0]?.bytes ?? []).toString(), body)
      }
    }
    assert.deepEqual(parseMultipart(Buffer.from('--b--\r\n'), 'b'), { ok: true, parts: [] })
  })
  test('as FormData writes it', async () => {
    const form = new FormData()
    form.append('a"b', 'c\nd')
    form.append('file', new File(['--x'], 'naïve "1".txt', { type: 'text/plain' }))
    const request = new Request('http://localhost', { method: 'POST', body: form })
    const type = request.headers.get('content-type') ?? ''
    const input = readInput(exchangeOf(['content-type', type], new Uint8Array(await request.arrayBuffer())))
    const body = await input.body
    assert.ok(body.kind === 'multipart')
    assert.deepEqual(
      body.parts.map(({ name, fileName }) => [name, fileName]),
      [
        ['a%22b', null],
        ['file', 'naïve %221%22.txt'],
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
    ['an extended name that differs', `${part(`${field}; filename=a.jpg; filename*=UTF-8''a.php`)}--b--`],
    ['a field behind a bare line feed', `${part(`X: 1\n${field}; filename="a.php"\r\n${field}`)}--b--`],
    ['a NUL in a name', `${part(`Content-Disposition: form-data; name="f\0g"`)}--b--`],
    ['a boundary behind a bare line feed', `${part(field, `x\n--b\r\n${field}\r\n\r\ny`)}--b--`],
    ['a boundary behind a bare carriage return', `${part(field, `x\r--b--`)}--b--`],
    ['a boundary with something behind it', `${part(field, `x\r\n--bc`)}--b--`],
    ['no fields', '--b\r\n\r\nx\r\n\r\n\r\n--b--'],
    ['a transfer encoding', `${part(`${field}\r\nContent-Transfer-Encoding: base64`)}--b--`],
    ['a folded field', `${part(`Content-Disposition: form-data;\r\n name="f"`)}--b--`],
    ['two dispositions', `${part(`${field}\r\n${field}`)}--b--`],
    ['bare line feeds', `--b\n${field}\n\nx\n--b--`],
  ] as const) {
    test(`${why} is a problem`, () => assert.equal(parseMultipart(Buffer.from(body), 'b').ok, false))
  }
})

test('pairs that are broken are told so', () => {
  assert.equal(parsePairs('a=%E0%A4').ok, false)
  // To `qs` these have no parameter `a`.
  for (const text of ['a=x[]=1', 'a=%5D=', 'b=1&a=x[y%5d=1']) assert.equal(parsePairs(text).ok, false)
  for (const text of ['a[b]=c]=d', 'a=%5D%3D', 'a=[]&b==', 'a=YQ==']) assert.equal(parsePairs(text).ok, true)
  assert.deepEqual(parsePairs('&&a==&'), { ok: true, pairs: [['a', '=']] })
})
