import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { createTransform } from './body-masker.ts'
import { createFieldTree } from './field-tree.ts'
import type { FieldMasking } from './json-stream.ts'
import { kindNames } from './kinds.ts'
import { createScan } from './scanner.ts'
import { hideFound, hideValue, type Way } from './ways.ts'

const masking = { scan: createScan(kindNames), hide: hideWith('redact') }
const card = '4111111111111111'

function hideWith(way: Way) {
  return (kind: (typeof kindNames)[number], value: string) => hideFound(way, kind, value, () => 'digest')
}

function fieldsOf(fields: Readonly<Record<string, Way>>): FieldMasking {
  return {
    tree: createFieldTree(fields),
    isShown: () => false,
    hide: ({ way, name }, json) =>
      way === 'remove'
        ? undefined
        : JSON.stringify(hideValue(way, json === null ? '' : String(JSON.parse(json)), name, () => 'digest')),
  }
}

function mask(
  form: 'json' | 'events' | 'text',
  parts: readonly Uint8Array[],
  fields: FieldMasking | null = null,
): string {
  const transform = createTransform(form, masking, fields)
  const out = [...parts, null].map((part) => transform(part) ?? Buffer.alloc(0))
  return Buffer.concat(out).toString()
}

/** Masks a body as a whole, and cut at every place and into single bytes: all must come to the same. */
function maskAnyhow(form: 'json' | 'events' | 'text', body: string, fields: FieldMasking | null = null): string {
  const bytes = Buffer.from(body)
  const whole = mask(form, [bytes], fields)
  for (let at = 1; at < bytes.length; at++) {
    assert.equal(mask(form, [bytes.subarray(0, at), bytes.subarray(at)], fields), whole, `cut at ${at}`)
  }
  for (const size of [1, 3, 7]) {
    const parts = Array.from({ length: Math.ceil(bytes.length / size) }, (_, at) =>
      bytes.subarray(at * size, (at + 1) * size),
    )
    assert.equal(mask(form, parts, fields), whole, `in parts of ${size}`)
  }
  return whole
}

const pem = `-----BEGIN PRIVATE KEY-----\n${'MIIEvQIBADANBgkqhkiG9w0B\n'.repeat(6)}-----END PRIVATE KEY-----`
const jwt = `eyJhbGciOiJIUzI1NiJ9.eyJ${'a1B2'.repeat(900)}.${'c3D4'.repeat(10)}`

test('a text is masked however it is cut', () => {
  for (const [body, expected] of [
    [`card ${card}, 4111 1111 1111 1111 and nothing else`, 'card [redacted], [redacted] and nothing else'],
    ['jörg@müller.de schrieb über größe', '[redacted] schrieb über größe'],
    [`<p>ann@example.com</p>\n<b>DE89 3704 0044 0532 0130 00</b>`, '<p>[redacted]</p>\n<b>[redacted]</b>'],
    [`key:\n${pem}\nend`, 'key:\n[redacted]\nend'],
    ['nothing 1234 to see here 5678 9012', 'nothing 1234 to see here 5678 9012'],
    [`a ${card}`, 'a [redacted]'],
    ['', ''],
  ] as const) {
    assert.equal(maskAnyhow('text', body), expected)
  }
})

test('a value of any length is left out, and what is held is bounded', () => {
  const parts = Array.from({ length: Math.ceil(jwt.length / 100) }, (_, at) =>
    Buffer.from(jwt.slice(at * 100, at * 100 + 100)),
  )
  assert.equal(mask('text', [Buffer.from('token '), ...parts, Buffer.from(' end')]), 'token [redacted] end')
  const transform = createTransform('text', masking, null)
  let sent = 0
  for (let at = 0; at < 500; at++) sent += transform(Buffer.alloc(1000, 'x'))?.length ?? 0
  assert.ok(500_000 - sent <= 1536)
})

test('a line and a word leave at once', () => {
  const transform = createTransform('text', masking, null)
  assert.equal(Buffer.from(transform(Buffer.from('total 1234\n')) ?? []).toString(), 'total 1234\n')
  assert.equal(Buffer.from(transform(Buffer.from('the quick brown')) ?? []).toString(), 'the quick ')
})

test('JSON keeps every other byte, and stays JSON', () => {
  const body = `{ "id" : 9007199254740993, "n": 1.50e+3 ,"card":${card},\t"mail": "Ann <ann@example.com>",
  "esc": "caf\\u00e9 \\"ann\\u0040example.com\\"", "ann@example.com": [true,null,"x"], "ü": "größe" }`
  const masked = maskAnyhow('json', body)
  assert.equal(
    masked,
    `{ "id" : 9007199254740993, "n": 1.50e+3 ,"card":"[redacted]",\t"mail": "Ann <[redacted]>",
  "esc": "café \\"[redacted]\\"", "[redacted]": [true,null,"x"], "ü": "größe" }`,
  )
  JSON.parse(masked)
})

test('fields are hidden by pointer, also removed', () => {
  const fields = fieldsOf({
    '/a': 'remove',
    '/list/*/s': 'remove',
    '/b/c': 'redact',
    '/d': 'last4',
    '/all/1': 'remove',
  })
  for (const [body, expected] of [
    ['{"a":1}', '{}'],
    ['{"a":1,"x":2}', '{"x":2}'],
    ['{"x":2,"a":{"deep":[1,{"a":2}]}}', '{"x":2}'],
    ['{"x":2, "a" : "t", "y":3}', '{"x":2, "y":3}'],
    ['{"list":[{"s":1,"t":2},{"t":3,"s":[4]}],"all":[1,2,3]}', '{"list":[{"t":2},{"t":3}],"all":[1,3]}'],
    ['{"b":{"c":{"x":[1,2]},"d":5},"d":"DE12345678"}', '{"b":{"c":"[redacted]","d":5},"d":"****5678"}'],
    ['{"b":{"c":null}}', '{"b":{"c":null}}'],
    ['{"a":1}\n{"a":2,"x":3}\n', '{}\n{"x":3}\n'],
    ['{"\\u0061":1,"x":"y"}', '{"x":"y"}'],
    ['[ ]', '[ ]'],
  ] as const) {
    assert.equal(maskAnyhow('json', body, fields), expected, body)
  }
})

test('where fields cannot be found, the answer ends', () => {
  const fields = fieldsOf({ '/a': 'remove' })
  for (const body of ['{"a":1', '{"a":[1}', '[1]]', '{"x\\q":1}', ',']) {
    assert.throws(() => mask('json', [Buffer.from(body)], fields), /no JSON/, body)
  }
  assert.equal(mask('json', [Buffer.from('OK')]), 'OK')
  assert.equal(mask('json', [Buffer.from('{"cut":"ann@example.com')]), '{"cut":"[redacted]')
  for (const wide of [Buffer.from('\ufeff{}', 'utf16le'), Buffer.from('{}', 'utf16le')]) {
    assert.throws(() => mask('json', [wide]), /UTF-16/)
  }
})

test('a long text is masked as it passes, and hidden as a field', () => {
  const long = `${'x'.repeat(70_000)} ${card} ann@example.com ${'y\\n'.repeat(30_000)}`
  const body = Buffer.from(`{"t":"${long}","a":"${long}","z":1}`)
  const parts = Array.from({ length: Math.ceil(body.length / 4096) }, (_, at) =>
    body.subarray(at * 4096, at * 4096 + 4096),
  )
  const masked = mask('json', parts, fieldsOf({ '/a': 'redact' }))
  const clean = long.replace(card, '[redacted]').replace('ann@example.com', '[redacted]')
  assert.equal(masked, `{"t":"${clean}","a":"[redacted]","z":1}`)
})

test('events are masked and leave whole, as soon as they have come', () => {
  const body = `: hello ann@example.com\nid: 7\ndata: {"card":${card},"a":1}\n\ndata: [DONE]\r\n\r\nevent: x\ndata: one\ndata: ann@example.com\n\ndata: rest ${card}`
  assert.equal(
    maskAnyhow('events', body, fieldsOf({ '/a': 'remove' })),
    ': hello [redacted]\nid: 7\ndata: {"card":"[redacted]"}\n\ndata: [DONE]\r\n\r\nevent: x\ndata: one\ndata: [redacted]\n\ndata: rest [redacted]',
  )
  const transform = createTransform('events', masking, null)
  assert.equal(Buffer.from(transform(Buffer.from('data: 1\n\ndata: 2')) ?? []).toString(), 'data: 1\n\n')
  assert.throws(() => {
    for (let at = 0; at < 20; at++) transform(Buffer.alloc(100_000, 'x'))
  }, /too long/)
})

test('what a value becomes', () => {
  const hide = (way: Way, kind: (typeof kindNames)[number], value: string) =>
    hideFound(way, kind, value, () => 'digest')
  assert.equal(hide('last4', 'cardNumber', '4111 1111 1111 1111'), '****1111')
  assert.equal(hide('partial', 'cardNumber', '4111 1111 1111 1111'), '411111****1111')
  assert.equal(hide('partial', 'email', 'ann@example.com'), 'a***@example.com')
  assert.equal(hide('partial', 'email', 'a@example.com'), '***@example.com')
  assert.equal(hide('partial', 'iban', 'DE89 3704 0044 0532 0130 00'), 'DE89****3000')
  assert.equal(hide('partial', 'phone', '+49 170 1234567'), '49****67')
  assert.equal(hide('hash', 'phone', '+49 170 1234567'), 'hash:digest')
  assert.equal(hide('remove', 'phone', '+49 170 1234567'), '')
  assert.equal(hide('last4', 'privateKey', pem), '[redacted]')
  assert.equal(
    hideValue('last4', 'short', 'x', () => ''),
    '****',
  )
  assert.equal(
    hideValue('partial', 'short', 'x', () => ''),
    '****',
  )
})

test('whatever documents hold and however they are cut, values go and the rest stays', () => {
  const secrets = [card, '4111 1111 1111 1111', 'ann@example.com', 'DE89 3704 0044 0532 0130 00', '+49 170 1234567']
  const value = fc.oneof(
    fc.constantFrom(...secrets),
    fc.string(),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.constant(Number(card)),
    fc.boolean(),
    fc.constant(null),
  )
  const document = fc.letrec((tie) => ({
    any: fc.oneof(
      { maxDepth: 4 },
      value,
      fc.array(tie('any'), { maxLength: 5 }),
      fc.dictionary(fc.string(), tie('any'), { maxKeys: 5 }),
    ),
  })).any
  fc.assert(
    fc.property(document, fc.integer({ min: 1, max: 40 }), fc.boolean(), (given, size, indents) => {
      const text = JSON.stringify(given, null, indents ? 2 : 0)
      const bytes = Buffer.from(text)
      const parts = Array.from({ length: Math.ceil(bytes.length / size) }, (_, at) =>
        bytes.subarray(at * size, (at + 1) * size),
      )
      const masked = mask('json', parts, fieldsOf({ '/none': 'remove' }))
      assert.equal(masked, mask('json', [bytes], fieldsOf({ '/none': 'remove' })))
      JSON.parse(masked)
      for (const secret of secrets) assert.equal(masked.includes(secret), false, masked)
      if (masking.scan(text).length === 0) assert.equal(masked, text)
    }),
    { numRuns: 300 },
  )
})

test('a text that is too long to be held is masked as it is meant, escapes undone', () => {
  const long = 'x '.repeat(40_000)
  const body = `{"a":"${long}\\n${card}\\nann\\u0040example.com \\u0034${card.slice(1)} \\ud83d\\ude00 \\"é\\"\\\\"}`
  const whole = mask('json', [Buffer.from(body)])
  assert.ok(!whole.includes(card.slice(1)) && !whole.includes('example.com'))
  const { a } = JSON.parse(whole) as { a: string }
  assert.ok(a.endsWith(' 😀 "é"\\'))
  const bytes = Buffer.from(body)
  for (let at = bytes.length - 90; at < bytes.length; at++) {
    assert.equal(mask('json', [bytes.subarray(0, at), bytes.subarray(at)]), whole, `cut at ${at}`)
  }
  const [head, tail] = [bytes.subarray(0, bytes.length - 90), bytes.subarray(bytes.length - 90)]
  assert.equal(mask('json', [head, ...[...tail].map((byte) => Buffer.from([byte]))]), whole)
})

test('a number is masked however it is written', () => {
  for (const written of [`${card}.0`, `${card}E0`, '4.111111111111111e15', `${card}0e-1`]) {
    const masked = maskAnyhow('json', `{"a":${written},"b":13.404954}`)
    assert.deepEqual([masked.includes('1111'), masked.endsWith(',"b":13.404954}')], [false, true], written)
  }
})

test('fields of an event are hidden wherever its data stands', () => {
  const fields = fieldsOf({ '/ssn': 'redact' })
  for (const event of [
    '\ufeffdata: {"ssn":"x1"}\n\n',
    'data: {\nid: 1\ndata: "ssn":"x1"}\n\n',
    'data: {\ndata\ndata: "ssn":"x1"}\n\n',
    'data: {"ssn":"x1"} and more\n\n',
  ]) {
    assert.ok(!maskAnyhow('events', event, fields).includes('x1'), event)
  }
  assert.equal(mask('events', [Buffer.from('data: [DONE]\n\n')], fields), 'data: [DONE]\n\n')
})
