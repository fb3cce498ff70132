import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { ambiguous, readQueryValue } from './query-value.ts'

test('a parameter is found by its name, decoded', () => {
  const cases: [query: string, value: string | null][] = [
    ['', null],
    ['x=1', null],
    ['id=1', '1'],
    ['x=1&id=a%20b+c', 'a b c'],
    ['%69d=7', '7'],
    ['id', ''],
    ['id=', ''],
    ['idx=1&id=2', '2'],
    ['id=a=b', 'a=b'],
    ['x=a;b&id=2', '2'],
  ]
  for (const [query, value] of cases) assert.equal(readQueryValue(query, 'id'), value, query)
})

test('what servers read differently is ambiguous', () => {
  const wrong = ['id=1&id=1', 'id=1&ID=2', 'ID=1', 'id[]=1', 'id=1&id[0]=2', 'id.x=1', 'id=%zz', 'id=1;x=2', 'x=1;id=2']
  const more = ['id=1&i%64=2', 'id%5B%5D=1', '+id=1', 'id=1&id%00=2', '%zz=1']
  for (const query of [...wrong, ...more]) assert.equal(readQueryValue(query, 'id'), ambiguous, query)
})

test('what a framework makes the same name of is ambiguous', () => {
  // `qs`, which Express uses, reads `[id]` as `id`; PHP reads `user.id` and `user id` as `user_id`.
  for (const query of ['[id]=2', 'id=1&%5Bid%5D=2', '[id][]=2'])
    assert.equal(readQueryValue(query, 'id'), ambiguous, query)
  for (const query of ['user.id=2', 'user_id=1&user+id=2', 'user_id=1&user[id=2', 'user_id=1&user%2Eid=2']) {
    assert.equal(readQueryValue(query, 'user_id'), ambiguous, query)
  }
  assert.equal(readQueryValue('user_id=1&user_ident=2&user_name=3&x[user_id]=4', 'user_id'), '1')
})

test('it is what the platform reads, or ambiguous', () => {
  const part = fc.tuple(fc.constantFrom('id', 'x', 'ID', 'i%64'), fc.string({ maxLength: 5 }).map(encodeURIComponent))
  fc.assert(
    fc.property(fc.array(part, { maxLength: 4 }), (parts) => {
      const query = parts.map((one) => one.join('=')).join('&')
      const value = readQueryValue(query, 'id')
      if (value !== ambiguous) assert.equal(value, new URLSearchParams(query).get('id'))
    }),
  )
})
