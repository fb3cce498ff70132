import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { readCookie, takeCookie } from './cookies.ts'
import { Fields } from './fields.ts'

const name = '__Host-session'

function take(...fields: string[]) {
  const headers = new Fields(fields.flatMap((value) => ['cookie', value]))
  const read = readCookie(headers, name)
  const taken = takeCookie(headers, name)
  assert.deepEqual(read, taken)
  return { taken, rest: headers.all('cookie') }
}

test('a cookie is taken out and the others stay', () => {
  assert.deepEqual(take(`a=1; ${name}=x=y; b=2`), { taken: ['x=y'], rest: ['a=1; b=2'] })
  assert.deepEqual(take(`${name}=x`), { taken: ['x'], rest: [] })
  assert.deepEqual(take('a=1; b'), { taken: null, rest: ['a=1; b'] })
})

test('every cookie of the name is told, wherever it stands and however it is spelt', () => {
  assert.deepEqual(take(`${name}=1; a=2; ${name}=3`), { taken: ['1', '3'], rest: ['a=2'] })
  assert.deepEqual(take(`${name}=1`, `${name}=3; a=2`), { taken: ['1', '3'], rest: ['a=2'] })
  assert.deepEqual(take(`${name} =1;${name}=;`), { taken: ['1', ''], rest: [] })
})

test('names that only look like it are others', () => {
  for (const other of [`x${name}=1`, `${name}x=1`, `__host-session=1`, `a=${name}`, `"${name}"=1`, name]) {
    assert.deepEqual(take(other), { taken: null, rest: [other] })
  }
})

test('what is left never holds the name, whatever comes', () => {
  const part = fc.oneof(
    fc.constant(name),
    fc.constantFrom(';', '=', ' ', '\t', '"', ',', 'a'),
    fc.string({ maxLength: 3 }),
  )
  fc.assert(
    fc.property(fc.array(part, { maxLength: 20 }), (parts) => {
      const { rest } = take(parts.join(''))
      assert.equal(readCookie(new Fields(rest.flatMap((value) => ['cookie', value])), name), null)
    }),
  )
})
