import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { fakePolicies } from '../../test/support/fake-policies.ts'
import { compileSnapshot } from './compile-snapshot.ts'
import { formatErrors } from './config-error.ts'

const text = `
version: 1
listen: { https: { certificate: dev } }
upstreams: { shop: { targets: [http://127.0.0.1:3000] } }
defaults: { authenticate: [apiKey], rateLimit: { limit: 600/min } }
routes: [{ path: "/orders/{id}", upstream: shop }]
`

function compile(input: string | object, file = 'portcullis.yaml') {
  const result = compileSnapshot(input, { policies: fakePolicies, file })
  assert.ok(result.ok, result.ok ? '' : formatErrors(result.errors))
  return result.snapshot
}

function refuse(input: string | object): string {
  const result = compileSnapshot(input, { policies: fakePolicies })
  assert.ok(!result.ok, 'it must be refused')
  return formatErrors(result.errors)
}

const head = text.slice(0, text.indexOf('routes:'))

/** Time of this process alone: the machine may be busy with others. */
function within<T>(seconds: number, run: () => T): T {
  const before = process.cpuUsage()
  const result = run()
  const { user, system } = process.cpuUsage(before)
  assert.ok(user + system < seconds * 1e6, `it took ${(user + system) / 1e6} s of processor time`)
  return result
}

describe('a snapshot', () => {
  test('is frozen to its depths', () => {
    const snapshot = compile(text)
    const options = snapshot.routes[0]?.policies[0]?.options as { maxBytes: number }
    assert.throws(() => {
      options.maxBytes = 1
    }, TypeError)
    assert.throws(() => (snapshot.routes as unknown[]).push({}), TypeError)
  })

  test('reaches another thread unchanged', () => {
    const snapshot = compile(text)
    assert.deepEqual(structuredClone(snapshot), snapshot)
  })

  test('has a revision that only its content changes', () => {
    const revision = compile(text).revision
    assert.match(revision, /^[0-9a-f]{64}$/)
    assert.equal(compile(text).revision, revision)
    assert.notEqual(compile(text.replace('600/min', '599/min')).revision, revision)
    assert.notEqual(
      compile(
        text
          .replace('[apiKey]', '[jwt], jwt: { issuer: a }, issuers: {}')
          .replace(', issuers: {}', '')
          .concat('issuers: { a: { issuer: https://a.example.com } }\n'),
      ).revision,
      revision,
    )
  })

  test('keeps generated files beside the database, and never straight in the folder of the file', () => {
    const folderOf = (data: string) => compile(`${text}data: ${data}\n`, '/srv/api/portcullis.yaml').dataFolder
    assert.equal(folderOf('sqlite:data/portcullis.db'), '/srv/api/data')
    assert.equal(folderOf('sqlite:/var/lib/portcullis/portcullis.db'), '/var/lib/portcullis')
    assert.equal(folderOf('sqlite:portcullis.db'), '/srv/api/data')
  })
})

describe('an object', () => {
  const file = () => ({
    version: 1,
    listen: { https: { certificate: 'dev' } },
    upstreams: { shop: { targets: ['http://127.0.0.1:3000'] } },
    defaults: { authenticate: ['apiKey'], rateLimit: { limit: '600/min' } },
    routes: [{ path: '/orders/{id}', upstream: 'shop' as string, bodyLimits: undefined }],
  })

  test('compiles to what the same text does, but for the lines', () => {
    const withoutLines = (snapshot: object) =>
      JSON.parse(JSON.stringify(snapshot, (key, value) => (key === 'position' || key === 'revision' ? null : value)))
    assert.deepEqual(withoutLines(compile(file())), withoutLines(compile(text)))
  })

  test('may change later without changing the snapshot', () => {
    const object = file()
    const snapshot = compile(object)
    object.upstreams.shop.targets.push('http://127.0.0.1:1')
    assert.deepEqual(snapshot.upstreams.shop?.targets, ['http://127.0.0.1:3000'])
  })

  test('has its errors by key path', () => {
    const object = file()
    const route = object.routes[0]
    assert.ok(route)
    route.upstream = 'shpo'
    assert.equal(
      refuse(object),
      'portcullis.yaml: routes[0].upstream: there is no upstream "shpo"\n    Did you mean "shop"?',
    )
  })

  test('must be plain data', () => {
    assert.match(refuse({ ...file(), server: { workers: () => 2 } }), /server\.workers: a function cannot stand/)
    assert.match(refuse({ ...file(), server: new Map() }), /server: only plain objects/)
    assert.match(refuse(JSON.parse('{ "version": 1, "upstreams": { "__proto__": {} } }')), /"__proto__" is not allowed/)
    const loop: Record<string, unknown> = {}
    loop.defaults = loop
    assert.match(refuse(loop), /within itself/)
  })
})

describe('text', () => {
  test('of two documents is refused', () => {
    assert.match(
      refuse('version: 1\n---\nversion: 1\n'),
      /^portcullis\.yaml:2:1: the file holds more than one YAML document/,
    )
  })

  test('in JSON is read as well', () => {
    assert.equal(compile(JSON.stringify({ version: 1, listen: { https: { certificate: 'dev' } } })).routes.length, 0)
  })

  test('nested without end is refused', () => {
    assert.match(refuse(`version: ${'['.repeat(5000)}`), /nested too deep/)
    assert.match(refuse(`version: ${'['.repeat(40)}${']'.repeat(40)}`), /nested more than 32 levels deep/)
  })

  test('with very many keys or values is refused, and soon', () => {
    const keys = Array.from({ length: 60_000 }, (_, i) => `k${i}: 1\n`).join('')
    const refused = within(20, () => refuse(keys))
    assert.match(refused, /unknown key "k0"/)
    assert.match(refused, /\d+ more errors are not shown$/)
    assert.match(
      within(20, () => refuse(`version: [${'1,'.repeat(420_000)}]`)),
      /holds too many values/,
    )
    assert.match(
      within(20, () => refuse(`version: [${'[],'.repeat(1_000_000)}]`)),
      /holds too many values/,
    )
  })

  test('with ten thousand routes is compiled, and soon', () => {
    const route = (i: number) => `
  - path: /Area${i % 100}/thing${i}/{id}
    methods: [GET, POST]
    upstream: shop
    authenticate: [apiKey]
    rateLimit: { limit: 100/min, per: principal }`
    const routes = Array.from({ length: 10_000 }, (_, i) => route(i)).join('')
    const { routes: compiled } = within(20, () => compile(`${head}routes:${routes}\n`))
    assert.equal(compiled.length, 10_000)
    // Ten thousand times the same path and host are found out just as soon.
    const hosts = (i: number) =>
      `\n  - { path: /same, hosts: [h${i % 9_000}.example.com], upstream: shop, authenticate: [apiKey] }`
    const many = Array.from({ length: 10_000 }, (_, i) => hosts(i)).join('')
    assert.equal(within(20, () => refuse(`${head}routes:${many}\n`)).match(/matches the same requests/g)?.length, 1000)
  })
})
