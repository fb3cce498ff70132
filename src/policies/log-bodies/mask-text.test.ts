import assert from 'node:assert/strict'
import { test } from 'node:test'
import { testRedactor } from '../../../test/support/redactor.ts'
import { createMask } from './mask.ts'
import { maskForm } from './mask-form.ts'
import { maskText } from './mask-text.ts'

const text = (given: string, entries: readonly string[] = [], ended = true) =>
  maskText(given, ended, createMask(entries, testRedactor))
const form = (given: string, entries: readonly string[] = [], ended = true) =>
  maskForm(given, ended, createMask(entries, testRedactor))

test('in plain text, a named value is hidden to the end of its line', () => {
  for (const [given, expected, entries] of [
    ['name: Ann\npassword: one two three\nage: 7', 'name: Ann\npassword:[redacted]\nage: 7'],
    ['x=1 password = "one two" y=2', 'x=1 password =[redacted]'],
    ['"password" : "one two",\r\n"b": 1', '"password" :[redacted]\r\n"b": 1'],
    ['password:\nb', 'password:\n[redacted]'],
    ['contraseña: uno dos', 'contraseña:[redacted]', ['Contraseña']],
    [`${'x'.repeat(100)}password: one two`, `${'x'.repeat(100)}password:[redacted]`],
    ['12:30 is no secret', '12:30 is no secret'],
    ['card 4111-1111-1111-1111 is', 'card [redacted] is'],
  ] as const) {
    assert.deepEqual(text(given, entries), { text: expected, covers: 'all' }, given)
  }
})

test('of plain text that was cut off, the end is left out as far as it may be half a secret', () => {
  for (const [given, expected] of [
    ['one two thr', 'one two'],
    ['pay 4111 1111 1111 11', 'pay'],
    ['pay 4111-1111-', 'pay'],
    ['eyJhbGciOiJIUzI1NiJ9.eyJz', ''],
    ['a\nsecret: one tw', 'a\nsecret:[redacted]'],
    ['-----BEGIN PRIVATE KEY-----\nMIIEvQIBADAN\nBgkq', '[redacted]'],
  ] as const) {
    assert.deepEqual(text(given, [], false), { text: expected, covers: 'start' }, given)
  }
})

test('parameters of a form are hidden by name and by look', () => {
  for (const [given, expected, entries] of [
    ['a=1&b=x+y&c=%C3%A4', 'a=1&b=x+y&c=%C3%A4'],
    ['a=1&password=one+two&b=2', 'a=1&password=[redacted]&b=2'],
    ['pass%77ord=one', 'pass%77ord=[redacted]'],
    ['user%5Bpassword%5D=one&user.secret=two', 'user%5Bpassword%5D=[redacted]&user.secret=[redacted]'],
    ['a=4111%201111+1111-1111', 'a=[redacted]'],
    ['a=%34111111111111111', 'a=[redacted]'],
    ['a=%ff%34111111111111111', 'a=[redacted]'],
    ['4111111111111111=1&eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhIn0.x', '[redacted]&[redacted]'],
    ['a=1;password=one', 'a=[redacted]'],
    ['a=https%3A%2F%2Fx%2F%3Ftoken%3Dhunter', 'a=[redacted]'],
    ['a=%3Cpassword%3Ehunter%3C%2Fpassword%3E', 'a=[redacted]'],
    ['MAIDEN=one&__proto__=2&&=&%', 'MAIDEN=[redacted]&__proto__=2&&=&%', ['maiden']],
  ] as const) {
    assert.deepEqual(form(given, entries), { text: expected, covers: 'all' }, given)
  }
  assert.deepEqual(form('a=1&password=one&b=41', [], false), { text: 'a=1&password=[redacted]', covers: 'start' })
  assert.deepEqual(form('passwo', [], false), { text: '', covers: 'start' })
})

test('takes time in line with the length, whatever the text', () => {
  const size = 64 * 1024
  for (const piece of ['a', '=', ':', ' :', 'a=', 'a ', '"', '&', '%', '%ff', '4', '4 ', 'ä', '\n', '[', '//a:']) {
    const given = piece.repeat(size / piece.length)
    const started = performance.now()
    text(given)
    text(given, [], false)
    form(given)
    assert.ok(performance.now() - started < 3_000, piece)
  }
})
