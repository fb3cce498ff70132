import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { testRedactor } from '../../../test/support/redactor.ts'
import { parsePointer } from '../../core/pointer-tree.ts'
import { createMask } from './mask.ts'
import { maskJson } from './mask-json.ts'

const mask = (text: string, entries: readonly string[] = [], ended = true) =>
  maskJson(text, ended, createMask(entries, testRedactor))
const card = '4111111111111111'

test('what holds no secret stays as it was written, to the last space', () => {
  for (const text of [
    '{}',
    ' [ ] ',
    '"x"',
    'null',
    '-1.5e+10',
    '{ "a" : [ 1, true, null, { "b": "c\\u00e4" } ] }\n',
    '{"a":1,"a":2}',
    '{"__proto__":{"x":1},"constructor":{"prototype":{}},"toString":null}',
    '{"big":12345678901234567890123,"e":1E400}',
    `${'['.repeat(50_000)}${']'.repeat(50_000)}`,
  ]) {
    assert.deepEqual(mask(text), { text, covers: 'all' }, text.slice(0, 60))
  }
})

test('values are hidden by name, whatever the case, the escapes and the depth', () => {
  for (const [text, expected, entries] of [
    ['{"password":"a b, c"}', '{"password":"[redacted]"}'],
    ['{"pass\\u0077ord":"a"}', '{"pass\\u0077ord":"[redacted]"}'],
    ['{"a":[{"userPassword":{"x":[1,2]}},3]}', '{"a":[{"userPassword":"[redacted]"},3]}'],
    ['{"password":null,"token":7}', '{"password":null,"token":"[redacted]"}'],
    ['{"password":"one","password":"two"}', '{"password":"[redacted]","password":"[redacted]"}'],
    ['{"__proto__":{"password":"a"}}', '{"__proto__":{"password":"[redacted]"}}'],
    ['{"user.password":"a","user[secret]":"b"}', '{"user.password":"[redacted]","user[secret]":"[redacted]"}'],
    [
      '{"Maiden_Name":"a","b":{"maiden_name":["c"]}}',
      '{"Maiden_Name":"[redacted]","b":{"maiden_name":"[redacted]"}}',
      ['maiden_name'],
    ],
    ['{"__proto__":"a","hasOwnProperty":"b"}', '{"__proto__":"[redacted]","hasOwnProperty":"b"}', ['__proto__']],
  ] as const) {
    assert.deepEqual(mask(text, entries), { text: expected, covers: 'all' }, text)
  }
})

test('values are hidden by pointer', () => {
  const text = '{"customer":{"name":"a","iban":"b"},"list":[{"iban":"c"},{"iban":"d"}],"a/b":{"m~n":1},"":2,"iban":3}'
  const one = (pointer: string) => mask(text, [pointer]).text
  assert.equal(one('/customer/iban'), text.replace('"b"', '"[redacted]"'))
  assert.equal(one('/customer'), text.replace('{"name":"a","iban":"b"}', '"[redacted]"'))
  assert.equal(one('/list/1/iban'), text.replace('"d"', '"[redacted]"'))
  assert.equal(one('/list/*/iban'), text.replace('"c"', '"[redacted]"').replace('"d"', '"[redacted]"'))
  assert.equal(one('/*/iban'), text.replace('"b"', '"[redacted]"'))
  assert.equal(one('/a~1b/m~0n'), text.replace('1', '"[redacted]"').replace('/list/"[redacted]"', '/list/1'))
  assert.equal(one('/'), text.replace(':2', ':"[redacted]"'))
  assert.equal(one('/list/2/iban'), text)
  const both = mask(text, ['/customer/name', '/*/iban']).text
  assert.equal(both, text.replace('"a","iban":"b"', '"[redacted]","iban":"[redacted]"'))
  assert.deepEqual(parsePointer('/a~2'), null)
  assert.deepEqual(parsePointer('a'), null)
})

test('values are hidden by look: in texts, in numbers, in names', () => {
  for (const text of [
    `{"a":"${card}"}`,
    `{"a":${card}}`,
    `[["4111 1111 1111 1111"]]`,
    `{"${card}":1}`,
    '{"a":"eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhIn0.c2ln"}',
    '{"a":"Bearer abcdefghijkl"}',
    '{"a":"-----BEGIN PRIVATE KEY-----\\nMIIEvQIBADAN\\n-----END PRIVATE KEY-----"}',
    '{"a":"https://user:hunter22@example.com"}',
  ]) {
    const { text: clean } = mask(text)
    assert.ok(clean.includes('[redacted]'), clean)
    assert.doesNotMatch(clean, /4111|eyJ|abcdef|MIIE|hunter/)
    JSON.parse(clean)
  }
})

test('secrets in a text within the JSON are hidden too: more JSON, a URL, XML, a line of a log', () => {
  for (const inner of [
    '{"password":"hunter one two"}',
    'https://a.example/?x=1&token=hunter&y=2',
    'login failed: password = hunter one two',
    '<login><password>hunter</password></login>',
    '&lt;password&gt;hunter&lt;/password&gt;',
    '<input name="password" value="hunter">',
  ]) {
    const { text } = mask(JSON.stringify({ note: inner }))
    assert.doesNotMatch(text, /hunter|one two/, text)
  }
})

test('of a text that was cut off anywhere, no half of a secret is left', () => {
  const secrets = ['hunter one two', card, 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhIn0.c2lnbmF0dXJl', 'DE89370400440532']
  const text = JSON.stringify({
    first: 'ab',
    password: secrets[0],
    cards: [secrets[1], Number(card)],
    deep: { token: { of: [secrets[2]] }, iban: secrets[3] },
    free: secrets[2],
    [card]: true,
  })
  // A third of each secret, from wherever it begins.
  const pieces = secrets.flatMap((secret) => [secret.slice(0, 6), secret.slice(6, 12), secret.slice(-6)])
  for (let end = 0; end < text.length; end++) {
    const { text: clean, covers } = mask(text.slice(0, end), ['iban'], false)
    assert.equal(covers, 'start')
    for (const piece of pieces) assert.ok(!clean.includes(piece), `${piece} in ${clean}`)
  }
  assert.equal(mask('{"a":12', [], false).text, '{"a":')
  assert.equal(mask('{"a":12', [], true).covers, 'broken')
})

test('where the form is wrong, nothing is written from there on', () => {
  for (const [text, kept] of [
    ['{"a":1,"password" "hunter"}', '{"a":1,"password"'],
    ['{"a":1 "password":"hunter"}', '{"a":1'],
    ['{"a":1}{"password":"hunter"}', '{"a":1}'],
    ['{password:"hunter"}', '{'],
    ["{'password':'hunter'}", '{'],
    ['["a",]', '["a",'],
    ['[1 2]', '[1'],
    ['{"a":"b\nhunter"}', '{"a":'],
    ['{"a":"\\x","password":"hunter"}', '{"a":'],
    ['{"a":tru,"password":"hunter"}', '{"a":'],
    ['{"a":01}', '{"a":0'],
    ['[1}', '[1'],
    ['{"a":1]', '{"a":1'],
    ['{"a":}', '{"a":'],
    ['hunter', ''],
    ['', ''],
  ] as const) {
    assert.deepEqual(mask(text), { text: kept, covers: 'broken' }, text)
  }
})

test('what comes out of any JSON is JSON with the same names, and holds nothing under a hidden one', () => {
  const name = fc.constantFrom('a', 'password', '__proto__', 'x-Token', 'b"\\', 'ü')
  const value = fc.letrec((tie) => ({
    any: fc.oneof(
      { maxDepth: 4 },
      fc.constantFrom(null, true, 0, -1.5, '', 'plain', 'SECRET', '\u2028"\\\n'),
      fc.array(tie('any'), { maxLength: 4 }),
      fc.array(fc.tuple(name, tie('any')), { maxLength: 4 }).map((entries) => Object.fromEntries(entries)),
    ),
  })).any
  fc.assert(
    fc.property(value, fc.integer({ min: 0, max: 2 }), fc.nat(), (given, indent, cut) => {
      const text = JSON.stringify({ password: 'SECRET', free: given, secret: given }, null, indent).replaceAll(
        '"SECRET"',
        '"S"',
      )
      const whole = mask(text)
      assert.equal(whole.covers, 'all')
      check(JSON.parse(whole.text), JSON.parse(text))
      const start = mask(text.slice(0, cut % text.length), [], false)
      assert.ok(whole.text.startsWith(start.text) || start.text.endsWith('"[redacted]"'))
    }),
    { numRuns: 300 },
  )

  function check(clean: unknown, original: unknown): void {
    if (typeof original !== 'object' || original === null) return
    assert.deepEqual(Object.keys(clean as object), Object.keys(original))
    for (const [key, inner] of Object.entries(original)) {
      const shown = (clean as Record<string, unknown>)[key]
      if (Array.isArray(original) || !testRedactor.isSecretName(key)) check(shown, inner)
      else assert.equal(shown, inner === null ? null : '[redacted]')
    }
  }
})

test('takes time in line with the length, whatever the text', () => {
  const size = 64 * 1024
  for (const text of [
    '['.repeat(size),
    '{"a":'.repeat(size / 5),
    `"${'\\"'.repeat(size / 2)}`,
    `["${'a:'.repeat(size / 2)}"]`,
    `["${'<a '.repeat(size / 3)}"]`,
    `["${'&amp;'.repeat(size / 5)}lt;"]`,
    `[${'1,'.repeat(size / 2)}1]`,
    ' '.repeat(size),
  ]) {
    const started = performance.now()
    mask(text, ['/*/*/a', '/a/*/b', 'x'])
    assert.ok(performance.now() - started < 2_000, text.slice(0, 12))
  }
})
