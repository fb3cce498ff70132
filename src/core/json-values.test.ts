import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { type JsonValue, replaceJsonValues } from './json-values.ts'
import { createPointerTree, parsePointer } from './pointer-tree.ts'

const tree = (...pointers: string[]) => createPointerTree(pointers.map((pointer) => parsePointer(pointer) as string[]))
const change = (text: string, pointers: string[], replace: (value: JsonValue) => string | null | undefined) =>
  replaceJsonValues(text, tree(...pointers), replace)
const stars = () => '"***"'

test('only what is named changes; everything else stays as it is written', () => {
  const text = ' { "id" : 12345678901234567890.10, "card":"4111" ,"e":1E400,"a\\u0062":[ ],\n"b":{"card": "x"} } '
  assert.equal(change(text, ['/card'], stars), text.replace('"4111"', '"***"'))
  assert.equal(change(text, ['/b/card'], stars), text.replace('"x"', '"***"'))
  assert.equal(change(text, ['/none', '/id/deeper'], stars), text)
})

test('a star stands for any one name or place, and an escaped name is the name', () => {
  assert.equal(change('[{"n":1},{"n":2},3]', ['/*/n'], stars), '[{"n":"***"},{"n":"***"},3]')
  assert.equal(change('{"c\\u0061rd":1}', ['/card'], stars), '{"c\\u0061rd":"***"}')
  assert.equal(change('{"a/b":1,"~":2}', ['/a~1b', '/~0'], stars), '{"a/b":"***","~":"***"}')
  const seen: JsonValue[] = []
  change('{"a":[{"b": [1, 2]}]}', ['/a/*/b'], (value) => {
    seen.push(value)
    return null
  })
  assert.deepEqual(seen, [{ raw: '[1, 2]', path: ['a', '0', 'b'] }])
})

test('what is left out leaves its commas behind as JSON needs them', () => {
  for (const [text, pointers, expected] of [
    ['{"a":1}', ['/a'], '{}'],
    ['{"a":1,"b":2}', ['/a'], '{"b":2}'],
    ['{"a":1,"b":2}', ['/b'], '{"a":1}'],
    ['{"a":1,"b":2,"c":3}', ['/b'], '{"a":1,"c":3}'],
    ['{"a":1,"b":2,"c":3}', ['/a', '/b'], '{"c":3}'],
    ['{"a":1,"b":2,"c":3}', ['/b', '/c'], '{"a":1}'],
    ['{"a":1,"b":2,"c":3}', ['/a', '/c'], '{"b":2}'],
    ['{"a":1,"b":2,"c":3}', ['/*'], '{}'],
    ['[1,[2],3]', ['/1'], '[1,3]'],
  ] as const) {
    assert.equal(
      change(text, [...pointers], () => undefined),
      expected,
    )
  }
})

test('a name that stands twice is refused wherever it is, and so are what is no JSON and what nests too deep', () => {
  for (const text of ['{"a":1,"a":2}', '{"a":1,"\\u0061":2}', '{"x":[{"b":1,"b":1}]}']) {
    assert.throws(() => change(text, ['/a'], stars), /one name twice/)
  }
  for (const text of ['', '{', '{"a":}', '{"a":1}x', "{'a':1}", '\ufeff{}']) {
    assert.throws(() => change(text, ['/a'], stars), /no JSON/)
  }
  assert.throws(() => change('['.repeat(200) + ']'.repeat(200), ['/a'], stars), /deeper/)
})

test('for any document, it is what parsing, changing and writing would give', () => {
  const names = fc.constantFrom('a', 'b', 'c', '0', '1')
  const pointer = fc.array(fc.oneof(names, fc.constant('*')), { minLength: 1, maxLength: 3 })
  const { value } = fc.letrec((tie) => ({
    value: fc.oneof(
      { maxDepth: 4 },
      fc.jsonValue({ maxDepth: 0 }),
      fc.array(tie('value'), { maxLength: 3 }),
      fc.dictionary(names, tie('value'), { maxKeys: 4 }),
    ),
  }))
  fc.assert(
    fc.property(
      value,
      fc.array(pointer, { minLength: 1, maxLength: 3 }),
      fc.boolean(),
      fc.boolean(),
      (document, pointers, drops, isSpaced) => {
        const text = JSON.stringify(document, null, isSpaced ? 1 : 0)
        const replaced = replaceJsonValues(text, createPointerTree(pointers), () => (drops ? undefined : '"*"'))
        assert.deepEqual(JSON.parse(replaced), expected(JSON.parse(text), pointers, drops))
      },
    ),
    { numRuns: 500 },
  )
})

test('a text that is made to be slow is not', () => {
  const startedAt = performance.now()
  const text = `{"a":[${'{"a":1},'.repeat(100_000)}{}]}`
  assert.equal(change(text, ['/a/*/a'], () => undefined).length, text.length - 500_000)
  assert.ok(performance.now() - startedAt < 3000)
})

function expected(value: unknown, pointers: readonly string[][], drops: boolean): unknown {
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).flatMap(([name, inner]): [string, unknown][] => {
    const matching = pointers.filter(([first]) => first === name || first === '*').map((pointer) => pointer.slice(1))
    if (matching.some(({ length }) => length === 0)) return drops ? [] : [[name, '*']]
    return [[name, expected(inner, matching, drops)]]
  })
  return Array.isArray(value) ? entries.map(([, inner]) => inner) : Object.fromEntries(entries)
}
