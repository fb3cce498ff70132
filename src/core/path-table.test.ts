import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { PathTable } from './path-table.ts'

/** How well a pattern fits a path, segment by segment from the left; null where it does not. */
function fitOf(pattern: string, path: string): string | null {
  const wanted = pattern.slice(1).split('/')
  const given = path.slice(1).split('/')
  let fit = ''
  for (const [i, part] of wanted.entries()) {
    if (part === '**' || part.endsWith('*}')) return given.length > i ? `${fit}c` : null
    const segment = given[i]
    if (segment === undefined) return null
    if (part.startsWith('{')) {
      if (segment === '') return null
      fit += 'b'
    } else if (part === segment) fit += 'a'
    else return null
  }
  return wanted.length === given.length ? fit : null
}

/** What the table must find, by trying every pattern. */
function bestOf(patterns: readonly string[], path: string): string | null {
  const fits = patterns.flatMap((pattern) => {
    const fit = fitOf(pattern, path)
    return fit === null ? [] : [{ pattern, fit }]
  })
  fits.sort((a, b) => (a.fit < b.fit ? -1 : a.fit > b.fit ? 1 : 0))
  return fits[0]?.pattern ?? null
}

const literal = fc.constantFrom('a', 'b', 'c', 'ab')
const segment = fc.oneof(literal, literal, fc.constantFrom('{p}', '{q}'))
const pattern = fc
  .tuple(fc.array(segment, { minLength: 1, maxLength: 4 }), fc.constantFrom('', '', '/**', '/{rest*}', '/'))
  .map(([segments, end]) => `/${segments.join('/')}${end}`)
const path = fc
  .array(fc.constantFrom('a', 'b', 'c', 'ab', 'x', ''), { minLength: 0, maxLength: 7 })
  .map((segments) => `/${segments.join('/')}`)

test('finds what trying every pattern finds', () => {
  fc.assert(
    fc.property(
      fc.array(pattern, { maxLength: 12 }),
      fc.array(path, { minLength: 1, maxLength: 20 }),
      (patterns, paths) => {
        const table = new PathTable(patterns.map((one) => [one, one] as const))
        for (const one of paths) assert.equal(table.find(one)?.route ?? null, bestOf(patterns, one), one)
      },
    ),
    { numRuns: 500 },
  )
})

test('what parameters stand for, decoded', () => {
  const table = new PathTable(
    ['/orders/{id}', '/{a}/x/{b}', '/files/{path*}', '/**', '/caf%C3%A9/{name}'].map((one) => [one, one] as const),
  )
  const find = (text: string) => {
    const found = table.find(text)
    return [found?.route, { ...found?.params }]
  }
  assert.deepEqual(find('/orders/7'), ['/orders/{id}', { id: '7' }])
  assert.deepEqual(find('/orders/a%20b%2Fc'), ['/orders/{id}', { id: 'a b/c' }])
  assert.deepEqual(find('/1/x/2'), ['/{a}/x/{b}', { a: '1', b: '2' }])
  assert.deepEqual(find('/files/a/b%20c'), ['/files/{path*}', { path: 'a/b c' }])
  assert.deepEqual(find('/files/'), ['/files/{path*}', { path: '' }])
  assert.deepEqual(find('/files'), ['/**', { '**': 'files' }])
  assert.deepEqual(find('/'), ['/**', { '**': '' }])
  assert.deepEqual(find('/caf%C3%A9/x'), ['/caf%C3%A9/{name}', { name: 'x' }])
})

test('a path of any depth is looked up in the same time', () => {
  const table = new PathTable([['/a/{b}', 1] as const, ['/files/**', 2] as const])
  assert.equal(table.find(`/files${'/x'.repeat(8_000)}`)?.route, 2)
  assert.equal(table.find(`/a${'/'.repeat(8_000)}`), null)
})

test('of patterns that match the same paths the first one stands', () => {
  const table = new PathTable([['/a/{x}', 1] as const, ['/a/{y}', 2] as const, ['/b', 3] as const, ['/b', 4] as const])
  assert.equal(table.find('/a/1')?.route, 1)
  assert.equal(table.find('/b')?.route, 3)
})
