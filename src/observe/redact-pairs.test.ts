import assert from 'node:assert/strict'
import { test } from 'node:test'
import { redactQuery, redactText } from './redact.ts'

const cases = {
  'https://app.example.com/?code=1234567': 'https://app.example.com/?code=[redacted]',
  'https://app.example.com/?a=1&code=1234567#top': 'https://app.example.com/?a=1&code=[redacted]',
  'Referer: https://app.example.com/?state=xyz&b=2': 'Referer: https://app.example.com/?state=[redacted]&b=2',
  'next=/callback?token=abc': 'next=/callback?token=[redacted]',
  'reason: password=abc': 'reason: password=[redacted]',
  '{"user":"a","password":"abc"}': '{"user":"a","password":"[redacted]"}',
  'password=': 'password=',
  'a=b=c: https://example.com/?page=2': 'a=b=c: https://example.com/?page=2',
}

for (const [text, clean] of Object.entries(cases)) {
  test(`a secret under a telling name is cut out of: ${text}`, () => assert.equal(redactText(text), clean))
}

test('a parameter that holds a target with parameters of its own is looked into', () => {
  assert.equal(redactQuery('next=/callback?token=abc&page=2'), 'next=/callback?token=[redacted]&page=2')
})

test('the time grows with the length of the text and no faster', () => {
  for (const text of ['a=', 'a: ', '"a', 'code=x?', ' a ', '? '.repeat(3)]) {
    const start = performance.now()
    redactText(text.repeat(200_000))
    assert.ok(performance.now() - start < 5_000, JSON.stringify(text))
  }
})
