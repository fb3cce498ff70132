import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { createContext, runInContext } from 'node:vm'
import { compileSnapshot } from '../compile-snapshot.ts'
import { formatErrors } from '../config-error.ts'
import { readObject } from './object-source.ts'

function refuse(value: unknown): string {
  const read = readObject(value, 'defineConfig()')
  assert.ok(!read.ok, 'it must be refused')
  return formatErrors(read.errors)
}

function accept(value: unknown): unknown {
  const read = readObject(value, 'defineConfig()')
  assert.ok(read.ok, read.ok ? '' : formatErrors(read.errors))
  return read.source.value
}

class Route {
  path = '/a'
}

describe('what is no plain data is refused, each at its path', () => {
  const odd: Record<string, readonly [unknown, RegExp]> = {
    function: [() => 1, /a function cannot stand/],
    'async function': [async () => 1, /a function cannot stand/],
    class: [Route, /a function cannot stand/],
    symbol: [Symbol('a'), /a symbol cannot stand/],
    bigint: [1n, /a bigint cannot stand/],
    'class instance': [new Route(), /only plain objects/],
    map: [new Map([['path', '/a']]), /only plain objects/],
    date: [new Date(), /only plain objects/],
    bytes: [Buffer.from('/a'), /only plain objects/],
    'many bytes': [new Uint8Array(50_000_000), /only plain objects/],
    promise: [Promise.resolve({}), /only plain objects/],
    'boxed text': [new String('/a'), /only plain objects/],
    proxy: [new Proxy({ path: '/a' }, {}), /only plain objects/],
    'revoked proxy': [revoked(), /only plain objects/],
    error: [new Error('x'), /only plain objects/],
    'inherited keys': [Object.create({ access: 'public' }), /only plain objects/],
    'list with a gap': [Object.assign([], { 1: 'GET' }), /the list has gaps/],
    'list with keys': [Object.assign(['GET'], { more: 1 }), /keys beside its entries/],
    'endless list': [new Array(4_000_000_000), /the list has gaps/],
    'unseen character': ['a\u001b[2J', /cannot be seen \(U\+001B\)/],
    'half a character': ['\ud800', /cannot be seen \(U\+D800\)/],
  }
  for (const [name, [value, message]] of Object.entries(odd)) {
    test(name, () => {
      assert.match(refuse({ routes: [{ odd: value }] }), /^defineConfig\(\): routes\[0\]\.odd: /)
      assert.match(refuse({ routes: [{ odd: value }] }), message)
    })
  }

  test('getters are not run', () => {
    let ran = false
    const object = {
      get version() {
        ran = true
        return 1
      },
    }
    assert.match(refuse(object), /"version" is a getter or setter/)
    assert.equal(ran, false)
  })

  test('keys that plain data has not', () => {
    assert.match(refuse({ [Symbol('version')]: 1 }), /a symbol cannot be a key/)
    assert.match(refuse(Object.defineProperty({}, 'version', { value: 1 })), /"version" is hidden/)
    assert.match(refuse(JSON.parse('{ "upstreams": { "__proto__": {} } }')), /upstreams: the key "__proto__"/)
    assert.match(refuse({ 'a\u202e': 1 }), /cannot be seen/)
  })

  test('all of them are told', () => {
    assert.equal(refuse({ a: 1n, b: [new Map()], c: { d: () => 1 } }).split('\n').length, 3)
  })
})

describe('an object without end is refused, and soon', () => {
  test('within itself', () => {
    const loop: Record<string, unknown> = {}
    loop.defaults = { cors: loop, jwt: loop }
    assert.match(refuse(loop), /^defineConfig\(\): defaults\.cors: the object stands within itself$/m)
    const list: unknown[] = []
    list.push([list])
    assert.match(refuse({ routes: list }), /routes\[0\]\[0\]: the object stands within itself/)
  })

  test('twice in what stands twice in what stands twice', () => {
    let value: unknown = 'lol'
    for (let i = 0; i < 30; i++) value = [value, value]
    assert.match(refuse({ value }), /the file holds too many values/)
  })

  test('deeper than any policy file', () => {
    let value: unknown = 1
    for (let i = 0; i < 100_000; i++) value = { value }
    assert.match(refuse(value), /nested more than 32 levels deep/)
  })
})

describe('plain data', () => {
  test('may share objects, be frozen, lack a prototype or come from another realm', () => {
    const shared = Object.freeze({ limit: '5/min' })
    const bare = Object.assign(Object.create(null) as object, { a: 1 })
    const foreign: unknown = runInContext('({ list: [{ b: 2 }] })', createContext({}))
    const value = { one: shared, two: shared, bare, foreign, left: undefined }
    assert.equal(
      JSON.stringify(accept(value)),
      '{"one":{"limit":"5/min"},"two":{"limit":"5/min"},"bare":{"a":1},"foreign":{"list":[{"b":2}]}}',
    )
  })

  test('is judged by the same rules as a file', () => {
    const result = compileSnapshot({
      version: Number.NaN,
      listen: { https: { certificate: 'dev', port: Number.POSITIVE_INFINITY } },
      upstreams: { constructor: { targets: ['http://127.0.0.1:3000'] } },
      routes: [{ path: '/a', upstream: 'toString', authenticate: ['valueOf'], constructor: 1 }],
    })
    assert.ok(!result.ok)
    const paths = result.errors.map(({ path }) => path).sort()
    assert.deepEqual(paths, [
      'listen.https.port',
      'routes[0].authenticate[0]',
      'routes[0].constructor',
      'routes[0].upstream',
      'version',
    ])
    assert.ok(result.errors.every(({ position, file }) => position === null && file === 'defineConfig()'))
  })
})

function revoked(): unknown {
  const { proxy, revoke } = Proxy.revocable({}, {})
  revoke()
  return proxy
}
