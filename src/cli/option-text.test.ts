import assert from 'node:assert/strict'
import { test } from 'node:test'
import { toOptionText } from './option-text.ts'

type Unit = 'size' | 'duration' | null

const cases: readonly (readonly [key: string, value: unknown, text: string, unit?: Unit])[] = [
  ['maxBytes', 1024 ** 2, '1MiB', 'size'],
  ['cacheLifetime', 30_000, '30s', 'duration'],
  ['maxAge', 600_000, '10m', 'duration'],
  ['limit', { limit: 600, windowMs: 60_000 }, '600 per 1m'],
  ['origins', ['https://app.example.com'], '[https://app.example.com]'],
  ['strictTransportSecurity', { maxAge: 86_400_000, preload: false }, '{ maxAge: 1d, preload: false }', 'duration'],
  ['roles', { any: ['customer'], all: undefined }, '{ any: [customer] }'],
  ['query', undefined, 'none'],
  ['cost', 1, '1'],
]

for (const [key, value, text, unit = null] of cases) {
  test(`${key} is written ${text}`, () =>
    assert.equal(
      toOptionText(value, [key], () => unit),
      text,
    ))
}
