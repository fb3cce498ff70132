import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { createProblemTable } from '../core/problem.ts'
import { policies } from '../policies/index.ts'
import { compileSnapshot } from './compile-snapshot.ts'
import { formatErrors } from './config-error.ts'
import { defineConfig } from './define-config.ts'
import { optionKeys } from './issues/known-keys.ts'

const root = join(import.meta.dirname, '../..')

function compile(input: string | object, embedded = false) {
  const result = compileSnapshot(input, { embedded })
  assert.ok(result.ok, result.ok ? '' : formatErrors(result.errors))
  return result.snapshot
}

describe('each policy', () => {
  for (const { name, kind, options, always, summary } of policies) {
    test(`${name} fits into the policy file`, () => {
      assert.match(name, /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/)
      const keys = optionKeys(options)
      assert.ok(keys.length > 0, 'its options are an object')
      // They stand beside the options of every policy.
      assert.deepEqual(
        keys.filter((key) => ['mode', 'reason'].includes(key)),
        [],
      )
      assert.match(summary, /[^.]$/, 'the summary is used within sentences')
      if (always !== undefined) assert.ok(options.safeParse(always).success, '`always` is written as in the file')
      assert.ok(kind !== 'credential' || always === undefined, 'nobody has to present a credential unasked')
    })
  }

  test('has a name and codes of its own', () => {
    assert.equal(new Set(policies.map(({ name }) => name)).size, policies.length)
    assert.ok(createProblemTable(policies).size > 0)
  })

  test('owns the keys of `authorize` that it reads', () => {
    const keys = policies.filter(({ kind }) => kind === 'authorization').flatMap(({ options }) => optionKeys(options))
    assert.equal(new Set(keys).size, keys.length)
  })
})

describe('with the real policies', () => {
  for (const path of globSync('examples/*/portcullis.yaml', { cwd: root })) {
    test(`${path} loads, and reaches another thread unchanged`, () => {
      const snapshot = compile(readFileSync(join(root, path), 'utf8'), path.startsWith('examples/embedded'))
      assert.deepEqual(structuredClone(snapshot), snapshot)
    })
  }

  test('every kind of block and rule loads together', () => {
    const snapshot = compile(`
version: 1
listen:
  https: { port: 8443, certificate: dev }
  http:  { port: 8080 }
  admin: { host: 127.0.0.1, port: 9443 }
data: sqlite:data/portcullis.db
counters: memory
trustProxies: []
upstreams:
  shop: { targets: [http://127.0.0.1:3000] }
issuers:
  main: { issuer: https://login.example.com/, audience: shop }
defaults:
  securityHeaders: strict
  cors: { origins: [https://app.example.com] }
  rateLimit: { limit: 600/min, per: ip }
  bodyLimits: { maxBytes: 1MiB }
routes:
  - path: /orders/{id}
    methods: [GET, POST]
    upstream: shop
    authenticate: [apiKey, jwt]
    authorize: { roles: [customer] }
    rateLimit: { limit: 100/min, per: principal }
  - path: /health
    access: public
    reason: the load balancer's probe
    upstream: shop
`)
    const [orders, health] = snapshot.routes
    const names = orders?.policies.map(({ name }) => name) ?? []
    assert.deepEqual(names.filter((name) => name === 'rate-limit').length, 2, 'both limits apply')
    for (const name of ['api-key', 'jwt', 'rbac', 'cors', 'body-limits', 'security-headers']) {
      assert.ok(names.includes(name), name)
    }
    assert.equal(health?.authenticated, false)
    assert.deepEqual(
      snapshot.fallback.policies.map(({ name }) => name).filter((name) => ['jwt', 'api-key', 'rbac'].includes(name)),
      [],
    )
  })

  test('recording bodies needs a reason, which is shown', () => {
    const file = (logBodies: string) => `
version: 1
listen: { https: { certificate: dev } }
upstreams: { shop: { targets: [http://127.0.0.1:3000] } }
routes:
  - path: /orders
    methods: [POST]
    upstream: shop
    authenticate: [apiKey]
    logBodies: ${logBodies}
`
    const { notices } = compile(file('{ request: true, reason: partners dispute what they sent }'))
    const [notice] = notices.filter(({ text }) => text.startsWith('log-bodies'))
    assert.deepEqual(
      [notice?.kind, notice?.reason, notice?.position?.line],
      ['unsafe', 'partners dispute what they sent', 10],
    )
    for (const [options, message] of [
      ['{ request: true }', /needs a `reason`/],
      ['{ reason: a test }', /nothing is recorded/],
      ['{ request: true, mode: observe, reason: a test }', /unknown key "mode"/],
      ['{ request: true, mask: [/a~], reason: a test }', /no JSON pointer/],
    ] as const) {
      const result = compileSnapshot(file(options))
      assert.match(result.ok ? 'accepted' : formatErrors(result.errors), message)
    }
  })

  test('keys below names that anybody chooses are suggested', () => {
    const provider = '{ issuer: https://sso.example.com, clientid: x, clientSecret: env:X }'
    const result = compileSnapshot(`version: 1
listen: { https: { certificate: dev } }
secrets: { master: { key: env:X } }
identity: { issuer: https://login.example.com, providers: { work: ${provider} } }
`)
    assert.match(
      result.ok ? 'accepted' : formatErrors(result.errors),
      /unknown key "clientid"\n? *Did you mean "clientId"/,
    )
  })

  test('the order of a route’s policies is the order of the registry', () => {
    const [route] = compile(readFileSync(join(root, 'examples/shop/portcullis.yaml'), 'utf8')).routes
    const places = route?.policies.map(({ name }) => policies.findIndex((policy) => policy.name === name)) ?? []
    assert.ok(places.length > 3)
    assert.deepEqual(
      places,
      places.toSorted((a, b) => a - b),
    )
  })

  test('defineConfig knows their options', () => {
    const file = defineConfig({
      version: 1,
      listen: { https: { certificate: 'dev' } },
      upstreams: { shop: { targets: ['http://127.0.0.1:3000'] } },
      issuers: { main: { issuer: 'https://login.example.com/', audience: 'shop' } },
      defaults: { securityHeaders: 'strict', rateLimit: '600/min', bodyLimits: { maxBytes: '512KiB' } },
      routes: [
        {
          path: '/orders/{id}',
          upstream: 'shop',
          authenticate: ['apiKey', 'jwt'],
          authorize: { roles: ['customer'] },
          rateLimit: [{ limit: '10/s' }, { limit: '100/min', per: 'principal', mode: 'observe' }],
        },
      ],
    })
    assert.equal(compile(file).routes[0]?.id, '* /orders/{id}')
    // @ts-expect-error an option that the policy does not have
    defineConfig({ version: 1, defaults: { bodyLimits: { maxByte: '1MiB' } } })
    // @ts-expect-error a role is a text
    defineConfig({ version: 1, defaults: { authorize: { roles: [1] } } })
  })
})
