import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createRouter, type Routable } from './router.ts'

function route(id: string, path: string, methods: string[] = [], hosts: string[] = []): Routable {
  return { id, path, methods, hosts, allowEncodedSlash: id.startsWith('slash') }
}

const router = createRouter([
  route('order', '/orders/{id}', ['GET']),
  route('new', '/orders/new', ['POST']),
  route('files', '/files/{path*}'),
  route('admin', '/admin', ['GET']),
  route('rest', '/**', ['GET']),
  route('wild', '/x', [], ['*.example.com']),
  route('exact', '/x', [], ['a.example.com']),
  route('upper', '/A/{x}/b/{y}'),
  route('slash', '/keys/{name}', ['GET']),
  route('explicit-head', '/orders/{id}', ['HEAD'], ['h.example.com']),
])

function find(method: string, host: string, path: string, encodedSlash = false): string {
  const found = router.find(method, host, path, encodedSlash)
  return found.kind === 'route' ? `${found.route.id} ${JSON.stringify(found.params)}` : found.kind
}

test('the most specific route that serves the method wins', () => {
  assert.equal(find('GET', 'h', '/orders/7'), 'order {"id":"7"}')
  assert.equal(find('GET', 'h', '/orders/new'), 'order {"id":"new"}')
  assert.equal(find('POST', 'h', '/orders/new'), 'new {}')
  assert.equal(find('PUT', 'h', '/files/a/b'), 'files {"path":"a/b"}')
  assert.equal(find('GET', 'h', '/else'), 'rest {"**":"else"}')
  assert.equal(find('GET', 'h', '/'), 'rest {"**":""}')
})

test('HEAD follows GET, unless a route names it', () => {
  assert.equal(find('HEAD', 'h', '/orders/7'), 'order {"id":"7"}')
  assert.equal(find('HEAD', 'h.example.com', '/orders/7'), 'explicit-head {"id":"7"}')
  const heads = createRouter([
    route('get', '/orders/new', ['GET']),
    route('any', '/orders/{id}'),
    route('head', '/**', ['HEAD']),
    route('get-rest', '/**', ['GET']),
  ])
  const answer = (path: string) => {
    const found = heads.find('HEAD', 'h', path, false)
    return found.kind === 'route' ? found.route.id : found.kind
  }
  // A route that names HEAD elsewhere takes nothing away from a more specific one.
  assert.deepEqual(['/orders/new', '/orders/7', '/else'].map(answer), ['get', 'any', 'head'])
})

test('hosts: exact before wildcard before any, ports and trailing dots apart', () => {
  assert.equal(find('GET', 'a.example.com:8443', '/x'), 'exact {}')
  assert.equal(find('GET', 'a.example.com.', '/x'), 'exact {}')
  assert.equal(find('GET', 'b.c.example.com', '/x'), 'wild {}')
  assert.equal(find('GET', 'example.com', '/x'), 'rest {"**":"x"}')
  assert.equal(find('GET', 'evil-example.com', '/x'), 'rest {"**":"x"}')
})

test('a path that a careless upstream reads as another route is refused', () => {
  for (const path of ['/Admin', '/admin/', '//admin', '/admin;x=1', '/ADMIN;x/', '/a/1/b/2']) {
    assert.equal(find('GET', 'h', path), 'ambiguous', path)
  }
})

test('odd paths that stay with their route pass', () => {
  assert.equal(find('GET', 'h', '/orders/AbC'), 'order {"id":"AbC"}')
  assert.equal(find('GET', 'h', '/orders/7;v=1'), 'order {"id":"7;v=1"}')
  assert.equal(find('GET', 'h', '/files/'), 'files {"path":""}')
  assert.equal(find('GET', 'h', '/A/1/b/2'), 'upper {"x":"1","y":"2"}')
  assert.equal(find('GET', 'h', '/orders/a%20b'), 'order {"id":"a b"}')
})

test('escapes in a pattern are read as those in a path', () => {
  const escaped = createRouter([
    route('accent', '/caf%C3%A9/{x}', ['GET']),
    route('space', '/A%20b', ['GET']),
    route('braces', '/%7Bx%7D', ['GET']),
    route('stars', '/*%2A', ['GET']),
    route('one', '/{x}', ['GET']),
    route('rest', '/**', ['GET']),
  ])
  const answers = { '/caf%C3%A9/1': 'accent', '/A%20b': 'space', '/%7Bx%7D': 'braces', '/*%2A': 'stars', '/x': 'one' }
  for (const [path, id] of Object.entries(answers)) {
    const found = escaped.find('GET', 'h', path, false)
    assert.equal(found.kind === 'route' ? found.route.id : found.kind, id, path)
  }
  for (const path of ['/a%20b', '/%7BX%7D', '/**', '/CAF%C3%A9/1']) {
    assert.equal(escaped.find('GET', 'h', path, false).kind, 'ambiguous', path)
  }
})

test('an escaped slash matches only where the route allows it', () => {
  assert.equal(find('GET', 'h', '/orders/a%2Fb', true), 'encoded-slash')
  assert.equal(find('GET', 'h', '/keys/a%2Fb', true), 'slash {"name":"a/b"}')
})

test('a method that no route serves is told apart from a path that none does', () => {
  const miss = router.find('DELETE', 'h', '/orders/7', false)
  assert.deepEqual(miss, { kind: 'no-method', allowed: ['GET', 'HEAD'] })
  const own = createRouter([route('a', '/a', ['GET'], ['a.example'])])
  assert.equal(own.find('GET', 'b.example', '/a', false).kind, 'no-host')
  assert.equal(own.find('GET', 'a.example', '/b', false).kind, 'no-route')
})

test('names of Object.prototype are ordinary path segments', () => {
  const plain = createRouter([route('a', '/a/{__proto__}', ['GET'])])
  const found = plain.find('GET', 'h', '/a/constructor', false)
  assert.ok(found.kind === 'route')
  assert.equal(({} as Record<string, unknown>).constructor, Object)
})

test('a parameter never stands for nothing', () => {
  const items = createRouter([route('order', '/orders/{id}', ['GET']), route('item', '/orders/{id}/items', ['GET'])])
  assert.equal(items.find('GET', 'h', '/orders/', false).kind, 'no-route')
  assert.equal(items.find('GET', 'h', '/orders//items', false).kind, 'no-route')
  const rest = createRouter([route('order', '/orders/{id}', ['GET']), route('rest', '/orders/**', ['GET'])])
  const found = rest.find('GET', 'h', '/orders/', false)
  assert.equal(found.kind === 'route' ? found.route.id : found.kind, 'rest')
})

test('a path that folding leaves as it is belongs to one route, whatever other routes look like', () => {
  const routes = [
    route('all', '/**', ['GET']),
    route('below', '/{area}/**', ['GET']),
    route('upper', '/Upper', ['GET']),
  ]
  const found = createRouter(routes).find('GET', 'h', '/area', false)
  assert.equal(found.kind === 'route' ? found.route.id : found.kind, 'all')
})
