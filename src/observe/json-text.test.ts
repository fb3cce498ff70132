import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { quote, toAscii } from './json-text.ts'

test('any text is quoted in printable ASCII and read back the same', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      const quoted = quote(text)
      assert.match(quoted, /^[ -~]*$/)
      assert.equal(JSON.parse(quoted), text)
    }),
  )
})

test('what steers a terminal or hides text is escaped', () => {
  assert.equal(quote('a\u001b[2Jb'), String.raw`"a\u001b[2Jb"`)
  assert.equal(quote('a\u009b2Jb\u007f'), String.raw`"a\u009b2Jb\u007f"`)
  assert.equal(quote('a\u202eb\u2028'), String.raw`"a\u202eb\u2028"`)
  assert.equal(quote('a"\\\n'), String.raw`"a\"\\\n"`)
  assert.equal(toAscii('{"a":"😀"}'), String.raw`{"a":"\ud83d\ude00"}`)
})
