import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { apiKeyLength, apiKeyPrefix, createApiKey, deriveApiKeyId, isApiKeyId, parseApiKey } from './api-key.ts'
import { ApiKeyScanner } from './api-key-scanner.ts'
import { digestSecret } from './digest.ts'

const base62 = fc.constantFrom(...'0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz')
/** Text that looks like keys as much as text can. */
const nearKeys = fc
  .array(
    fc.oneof(
      fc.constantFrom('pck_', 'pck', '_', 'p', '\n', ' ', '"', 'pck_pck_'),
      fc.string({ unit: base62, maxLength: 70 }),
      fc
        .tuple(
          fc.string({ unit: base62, minLength: 12, maxLength: 12 }),
          fc.string({ unit: base62, minLength: 49, maxLength: 49 }),
        )
        .map(([id, rest]) => `pck_${id}_${rest}`),
    ),
    { maxLength: 20 },
  )
  .map((parts) => parts.join(''))

function scan(...chunks: string[]) {
  const scanner = new ApiKeyScanner()
  return chunks.flatMap((chunk) => scanner.scan(chunk))
}

function cut(text: string, sizes: readonly number[]): string[] {
  const chunks: string[] = []
  let at = 0
  for (let i = 0; at < text.length; i++) {
    const size = sizes[i % sizes.length] ?? 1
    chunks.push(text.slice(at, at + size))
    at += size
  }
  return chunks
}

test('every key is found, with its line, whatever stands around it and however the text is cut', () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.string({ unit: 'grapheme', maxLength: 20 }), fc.constantFrom('', '\n', 'pck_', 'x')), {
        maxLength: 8,
      }),
      fc.array(fc.integer({ min: 1, max: 200 }), { minLength: 1, maxLength: 5 }),
      (around, sizes) => {
        const keys = around.map(() => createApiKey())
        let text = ''
        const expected: unknown[] = []
        for (const [i, [before, after]] of around.entries()) {
          text += before + after
          const key = keys[i] as (typeof keys)[number]
          expected.push({ id: key.id, text: key.text, line: text.split('\n').length })
          text += key.text
        }
        assert.deepEqual(scan(...cut(text, sizes)), expected)
      },
    ),
  )
})

test('text that is no key gives none, however much it looks like one', () => {
  fc.assert(
    fc.property(nearKeys, (text) => {
      assert.deepEqual(scan(text), [])
    }),
    { numRuns: 2000 },
  )
})

test('a key with any one character changed is none', () => {
  fc.assert(
    fc.property(fc.nat(apiKeyLength - 1), fc.string({ minLength: 1, maxLength: 1 }), (at, other) => {
      const { text } = createApiKey()
      fc.pre(text[at] !== other)
      const changed = text.slice(0, at) + other + text.slice(at + 1)
      assert.equal(parseApiKey(changed), null)
      assert.deepEqual(scan(changed), [])
    }),
  )
})

test('what the parser reads is what was written, and it throws at nothing', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 100 }), (text) => {
      assert.equal(parseApiKey(text), null)
    }),
  )
  const { id, text } = createApiKey()
  assert.equal(parseApiKey(text), id)
})

test('hostile text is read in linear time, whole or byte by byte', () => {
  const size = 4_000_000
  const almost = createApiKey().text.slice(0, -1)
  for (const unit of ['pck_', 'p', 'pck_0', `${almost}-`, `pck_AAAAAAAAAAAA_`, '\n']) {
    const text = unit.repeat(Math.ceil(size / unit.length))
    const started = performance.now()
    assert.deepEqual(scan(text), [])
    assert.ok(performance.now() - started < 3000, `${unit}: ${performance.now() - started} ms`)
  }
  const scanner = new ApiKeyScanner()
  const started = performance.now()
  for (let i = 0; i < 500_000; i++) scanner.scan(apiKeyPrefix[i % apiKeyPrefix.length] as string)
  assert.ok(performance.now() - started < 3000)
})

test('the id of a digest is always the same, and has the form of an id', () => {
  const ids = new Set(Array.from({ length: 1000 }, (_, i) => deriveApiKeyId(digestSecret(`key ${i}`))))
  assert.equal(ids.size, 1000)
  for (const id of ids) assert.ok(isApiKeyId(id), id)
  assert.equal(deriveApiKeyId(digestSecret('a')), deriveApiKeyId(digestSecret('a')))
})
