import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { foldPath, parseTarget } from './path.ts'

function pathOf(target: string): string | null {
  const parsed = parseTarget(target)
  return 'kind' in parsed ? null : parsed.path
}

test('what servers read differently is refused', () => {
  const refused = [
    '/a/../b',
    '/a/..',
    '/./a',
    '/a/%2e%2e/b',
    '/a/.%2E/b',
    '/a/..;x/b',
    '/a/..%2fb',
    '/a%2f..%2fb',
    '/a\\b',
    '/a%5Cb',
    '/a%00',
    '/a%0d%0aset-cookie:x',
    '/a%7f',
    '/%zz',
    '/%',
    '/%4',
    '/%ff',
    '/%c0%ae%c0%ae/',
    '/a b',
    '/a\tb',
    '/a#b',
    '*',
    'a/b',
    '',
    '/a?b c',
    '/a?b\u0000',
    '/a?b#c',
    '/\u0100',
  ]
  for (const target of refused) assert.equal(pathOf(target), null, JSON.stringify(target))
})

test('odd but valid paths pass, normalised once', () => {
  const passed: [string, string][] = [
    ['/', '/'],
    ['//', '//'],
    ['/a//b/', '/a//b/'],
    ['/%61dmin', '/admin'],
    ['/a%7eb', '/a~b'],
    ['/caf%c3%a9', '/caf%C3%A9'],
    ['/caf\u00c3\u00a9', '/caf%C3%A9'],
    ['/a;v=1/b', '/a;v=1/b'],
    ['/a.b/.well-known/...', '/a.b/.well-known/...'],
    ["/it's(1)!*,$&+=:@", "/it's(1)!*,$&+=:@"],
    ['/a%20b%2Bc', '/a%20b%2Bc'],
    ['/100%25', '/100%25'],
    ['/..a/b..', '/..a/b..'],
    ['/%E4%BD%A0', '/%E4%BD%A0'],
  ]
  for (const [target, path] of passed) assert.equal(pathOf(target), path, target)
})

test('an escaped slash is told, so that only a route that allows it can match', () => {
  const parsed = parseTarget('/files/a%2fb')
  assert.deepEqual(parsed, { path: '/files/a%2Fb', query: '', encodedSlash: true })
})

test('the query is kept as it came', () => {
  const parsed = parseTarget('/a?x=%7e&y[]=1|2&z="{}"?')
  assert.deepEqual(parsed, { path: '/a', query: 'x=%7e&y[]=1|2&z="{}"?', encodedSlash: false })
})

test('normalising is idempotent, and its result holds nothing that would decode to a dot segment', () => {
  fc.assert(
    fc.property(fc.webPath({ size: 'medium' }), (path) => {
      const once = pathOf(path === '' ? '/' : path)
      if (once === null) return
      assert.equal(pathOf(once), once)
      assert.doesNotMatch(decodeURIComponent(once), /(^|\/)\.\.?(\/|$)/)
    }),
  )
})

test('folding reads a path as a careless server would', () => {
  assert.equal(foldPath('/Admin/'), '/admin')
  assert.equal(foldPath('/admin;jsessionid=1/x'), '/admin/x')
  assert.equal(foldPath('//admin'), '/admin')
  assert.equal(foldPath('/a%20b'), '/a b')
  assert.equal(foldPath('/'), '/')
  assert.equal(foldPath('/orders/7'), '/orders/7')
})

test('folding is idempotent for paths without escapes', () => {
  fc.assert(
    fc.property(fc.stringMatching(/^(\/[A-Za-z0-9;=.]{0,5}){1,6}$/), (path) => {
      const once = foldPath(path)
      assert.equal(foldPath(once), once)
    }),
  )
})
