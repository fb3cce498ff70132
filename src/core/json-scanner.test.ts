import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { measureCpu } from '../../test/support/cpu-time.ts'
import { type JsonLimits, looseJsonLimits } from './json-limits.ts'
import { JsonScanner } from './json-scanner.ts'

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** What is judged alike in whichever chunks it comes. */
function scan(document: string | Uint8Array, limits: Partial<JsonLimits> = {}) {
  const bytes = typeof document === 'string' ? new TextEncoder().encode(document) : document
  const whole = new JsonScanner({ ...looseJsonLimits, ...limits })
  const fault = whole.scan(bytes)
  for (const size of [1, 2, 3, 7]) {
    const scanner = new JsonScanner({ ...looseJsonLimits, ...limits })
    for (let i = 0; i < bytes.length; i += size) scanner.write(bytes.slice(i, i + size))
    const chunked = scanner.end()
    const why = `in chunks of ${size}: ${document}`
    // A chunk is decoded before it is read, so that one fault may be found before the other.
    if (fault?.rule === 'utf8' || chunked?.rule === 'utf8') assert.ok(fault !== null && chunked !== null, why)
    else assert.deepEqual([chunked?.rule, chunked?.at], [fault?.rule, fault?.at], why)
  }
  // A scanner that has judged one document judges the next one as if it were the first.
  const other = Object.keys(limits).length === 0 ? '{"a":[1,{"b":"x"}]}' : '0'
  assert.equal(whole.scan(new TextEncoder().encode(other)), null)
  return fault
}

function takes(bytes: Uint8Array): boolean {
  try {
    JSON.parse(utf8.decode(bytes))
    return true
  } catch {
    return false
  }
}

/** Faults that `JSON.parse` knows nothing of. */
const beyond = ['duplicate', 'surrogate', 'maxDepth']

function agrees(bytes: Uint8Array): void {
  const fault = scan(bytes)
  if (fault !== null && beyond.includes(fault.rule)) return
  assert.equal(fault === null, takes(bytes), `${fault?.rule}: ${JSON.stringify(Buffer.from(bytes).toString('latin1'))}`)
}

const pieces = fc.constantFrom(
  ...'{}[]:,"\\ \t\n\r/eE+-.0189abft',
  '"a"',
  '"é"',
  '"\\u00e9"',
  '"\\ud83d\\ude00"',
  '\\u',
  'true',
  'null',
  'fals',
  '1e5',
  '-0.5',
  '01',
  '"a":',
  '{"a":1}',
  '\u0000',
  '\u2028',
  '😀',
  '\ufeff',
)

describe('the scanner takes what JSON.parse takes after strict UTF-8', () => {
  test('documents', () => {
    fc.assert(fc.property(fc.json({ maxDepth: 8, stringUnit: 'binary' }), (text) => agrees(Buffer.from(text))))
    fc.assert(fc.property(fc.jsonValue(), (value) => agrees(Buffer.from(JSON.stringify(value, null, 1)))))
  })
  test('documents with one byte changed', () => {
    const changed = fc.tuple(fc.json({ stringUnit: 'grapheme' }), fc.nat(), fc.nat(255)).map(([text, at, byte]) => {
      const bytes = Buffer.from(text)
      bytes[at % bytes.length] = byte
      return bytes
    })
    fc.assert(fc.property(changed, agrees), { numRuns: 3000 })
  })
  test('pieces in any order', () => {
    const soup = fc.array(pieces, { maxLength: 12 }).map((parts) => Buffer.from(parts.join('')))
    fc.assert(fc.property(soup, agrees), { numRuns: 5000 })
  })
  test('strings of any bytes', () => {
    const quoted = fc
      .uint8Array({ maxLength: 12 })
      .map((bytes) => Buffer.concat([Buffer.of(0x22), bytes, Buffer.of(0x22)]))
    fc.assert(fc.property(quoted, agrees), { numRuns: 5000 })
  })
  test('numbers', () => {
    const text = fc.array(fc.constantFrom(...'-+.eE0123456789'), { maxLength: 9 }).map((chars) => chars.join(''))
    fc.assert(
      fc.property(text, (number) => agrees(Buffer.from(`[${number}]`))),
      { numRuns: 5000 },
    )
  })
  test('long strings, in which a special byte stands anywhere', () => {
    for (let at = 0; at < 64; at++) {
      for (const special of ['"', '\\', '\n', '\\n', 'é', '\u001f', ' ']) {
        const bytes = Buffer.from(JSON.stringify('x'.repeat(5000)))
        bytes.write(special, 30 + at)
        const fault = new JsonScanner(looseJsonLimits).scan(bytes)
        assert.equal(fault === null, takes(bytes), `${JSON.stringify(special)} at ${at}`)
      }
    }
  })
})

describe('a name stands in an object once', () => {
  for (const text of [
    '{"a":1,"a":2}',
    '{"a":1,"\\u0061":2}',
    '[{"b":{}},{"x":1,"é":2,"y":[{}],"\\u00E9":3}]',
    '{"\\ud83d\\ude00":1,"😀":2}',
    '{"":1,"":2}',
    '{"/":1,"\\/":2}',
  ]) {
    test(text, () => assert.equal(scan(text)?.rule, 'duplicate'))
  }
  test('among many, wherever it stands', () => {
    const names = Array.from({ length: 500 }, (_, i) => `n${i}`)
    const write = (all: readonly string[]) => `{${all.map((name) => `"${name}":{"n1":0,"n2":{"n1":0}}`).join(',')}}`
    assert.equal(scan(write(names)), null)
    for (const at of [0, 30, 48, 49, 250, 498]) {
      assert.equal(scan(write([...names, `n${at}`]))?.rule, 'duplicate', String(at))
    }
  })
  test('exactly where JSON.parse would drop a member', () => {
    const member = fc.tuple(
      fc.constantFrom('a', 'b', '\\u0061', 'ab', 'é', ''),
      fc.constantFrom('1', '{}', '[{"a":1}]'),
    )
    fc.assert(
      fc.property(fc.array(member, { maxLength: 6 }), (members) => {
        const text = `{${members.map(([name, value]) => `"${name}":${value}`).join(',')}}`
        const dropped = Object.keys(JSON.parse(text)).length < members.length
        assert.equal(scan(text)?.rule ?? null, dropped ? 'duplicate' : null)
      }),
    )
  })
  test('large objects after each other, and in each other', () => {
    const large = (inner: string) => `{${Array.from({ length: 200 }, (_, i) => `"k${i}":${inner}`).join(',')}}`
    assert.equal(scan(`[${Array(20).fill(large('1')).join(',')}]`), null)
    assert.equal(new JsonScanner(looseJsonLimits).scan(Buffer.from(large(large('1')))), null)
  })
})

describe('limits, and the places that break them', () => {
  for (const [rule, limits, text, at] of [
    ['maxDepth', { maxDepth: 2 }, '{"a":[[1]]}', '/a/0'],
    ['maxMembers', { maxMembers: 2 }, '[{"a":1},{"b":1,"c":1}]', '/1/c'],
    ['maxItems', { maxItems: 2 }, '{"a":[1,2,3]}', '/a/2'],
    ['maxItems', { maxItems: 0 }, '[1]', '/0'],
    ['maxStringBytes', { maxStringBytes: 3 }, '{"x":[0,"abcd"]}', '/x/1'],
    ['maxNameBytes', { maxNameBytes: 3 }, '{"abcd":1}', ''],
    ['maxDigits', { maxDigits: 5 }, '{"n":1234.56}', '/n'],
    ['maxDigits', { maxDigits: 50 }, `[${'1'.repeat(60)}]`, '/0'],
    ['maxNumber', { maxNumber: 1000 }, '{"n":1001}', '/n'],
    ['maxNumber', { maxNumber: 1000 }, '{"n":-1e4}', '/n'],
    ['maxNumber', { maxNumber: Number.MAX_VALUE }, '1e309', ''],
    ['maxNumber', { maxNumber: Number.MAX_VALUE }, '[0e99999999]', '/0'],
    ['maxNumber', { maxNumber: Number.MAX_VALUE }, '[1e-99999999]', '/0'],
    ['forbiddenName', { forbiddenNames: ['__proto__'] }, '{"a":{"__proto__":{}}}', '/a/__proto__'],
    ['forbiddenName', { forbiddenNames: ['__proto__'] }, '{"\\u005f_proto__":{}}', '/__proto__'],
    ['control', { allowControls: false }, '{"a/b~":"\\u0000"}', '/a~1b~0'],
    ['control', { allowControls: false }, '{"\\u0007":1}', ''],
    ['control', { allowControls: false }, '["\\b"]', '/0'],
    ['surrogate', {}, '["\\ud800"]', '/0'],
    ['surrogate', {}, '["\\udc00\\ud800"]', '/0'],
    ['surrogate', {}, '["\\ud800\\u0041"]', '/0'],
    ['duplicate', {}, '{"a":{"b":1,"b":2}}', '/a/b'],
    ['syntax', {}, '{"a":[1,2', '/a/1'],
    ['byteOrderMark', {}, '\ufeff{}', ''],
  ] as const) {
    test(`${rule}: ${text.slice(0, 40)}`, () => {
      const fault = scan(text, limits)
      assert.deepEqual([fault?.rule, fault?.at], [rule, at])
    })
  }
  test('what is just within them passes', () => {
    const limits = { maxDepth: 3, maxMembers: 2, maxItems: 3, maxStringBytes: 4, maxNameBytes: 2, maxDigits: 6 }
    assert.equal(scan('{"ab":[1,"\\n ",[123456]],"c":-1.5e-3}', { ...limits, maxNumber: 123456 }), null)
    assert.equal(scan('["\\t\\n\\r"]', { allowControls: false }), null)
    assert.equal(scan('[1.7976931348623157e308,5e-324,1E+2]', { maxNumber: Number.MAX_VALUE }), null)
  })
  test('a long name is told in part', () => {
    const fault = scan(`{"${'x'.repeat(5000)}":[1,,]}`)
    assert.ok((fault?.at.length ?? 0) < 250)
  })
})

test('what is deep, long or crowded costs linear time', () => {
  const measure = (make: (n: number) => string) => {
    const time = (n: number) => {
      const bytes = Buffer.from(make(n))
      const scan = () => measureCpu(() => new JsonScanner({ ...looseJsonLimits, maxDepth: 1e9 }).scan(bytes))
      return Math.min(scan(), scan(), scan())
    }
    time(20_000)
    assert.ok(time(200_000) < 40 * Math.max(2, time(20_000)))
  }
  measure((n) => '['.repeat(n))
  measure((n) => `{${Array.from({ length: n }, (_, i) => `"${i}":0`).join(',')}}`)
  measure((n) => '{"a":'.repeat(n))
  measure((n) => `"${'\\u0061'.repeat(n)}"`)
})
