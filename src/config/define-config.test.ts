import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Type } from 'typebox'
import * as v from 'valibot'
import { z } from 'zod'
import { type FakePolicy, fakePolicies } from '../../test/support/fake-policies.ts'
import { compileSnapshot } from './compile-snapshot.ts'
import { defineConfig, type PolicyFileOf } from './define-config.ts'

type File = PolicyFileOf<FakePolicy>

test('the types allow what the schema allows', () => {
  const file: File = {
    version: 1,
    listen: { https: { port: 8443, certificate: 'dev' }, admin: {} },
    trustProxies: ['10.0.0.0/8'],
    upstreams: { shop: { targets: ['http://127.0.0.1:3000'], connectTimeout: '1s' } },
    issuers: { main: { issuer: 'https://login.example.com/' } },
    log: { level: 'warn' },
    defaults: {
      authenticate: ['apiKey', 'jwt'],
      jwt: { issuer: 'main' },
      securityHeaders: 'strict',
      rateLimit: [{ limit: '600/min' }, { limit: '10/s', mode: 'observe', reason: 'trying it out' }],
    },
    routes: [
      {
        path: '/orders/{id}',
        upstream: 'shop',
        authorize: { roles: ['customer'], policy: 'orders' },
        loosen: { bodyLimits: { maxBytes: '1GiB', reason: 'large orders' } },
        exempt: [{ policy: 'rateLimit', reason: 'one request' }],
      },
      { path: '/hooks', upstream: 'shop', logBodies: { maxBytes: '1KiB', reason: 'partners dispute what they sent' } },
    ],
  }
  const result = compileSnapshot(file, { policies: fakePolicies })
  assert.ok(result.ok, result.ok ? '' : JSON.stringify(result.errors))
})

test('the types allow schemas of libraries where a JSON Schema may stand', () => {
  const bodies = [z.object({ a: z.string() }), v.object({ a: v.string() }), { 'application/json': Type.Object({}) }]
  for (const body of bodies) {
    const file = defineConfig({
      version: 1,
      routes: [
        {
          path: '/orders/{id}',
          access: 'public',
          reason: 'a test',
          methods: ['PUT'],
          validate: {
            path: z.object({ id: z.string() }),
            query: { a: v.string(), b: { schema: z.array(z.string()), explode: false }, c: Type.Integer() },
            headers: { 'X-Tenant': { type: 'string' } },
            body,
          },
        },
      ],
    })
    const result = compileSnapshot(file, { embedded: true })
    assert.ok(result.ok, result.ok ? '' : JSON.stringify(result.errors))
  }
})

test('the types refuse what the schema refuses', () => {
  const wrong: File[] = [
    // @ts-expect-error another version
    { version: 2 },
    // @ts-expect-error an unknown block
    { version: 1, lisen: {} },
    // @ts-expect-error an unknown policy
    { version: 1, defaults: { rateLimits: { limit: '1/s' } } },
    // @ts-expect-error an unknown option
    { version: 1, defaults: { rateLimit: { limit: '1/s', pre: 'ip' } } },
    // @ts-expect-error a number where a text is needed
    { version: 1, defaults: { rateLimit: { limit: 600 } } },
    // @ts-expect-error not a credential
    { version: 1, defaults: { authenticate: ['rateLimit'] } },
    // @ts-expect-error a loosening without a reason
    { version: 1, defaults: { loosen: { bodyLimits: { maxBytes: '1GiB' } } } },
    // @ts-expect-error what weakens needs a reason
    { version: 1, defaults: { logBodies: { maxBytes: '1KiB' } } },
    // @ts-expect-error what refuses nothing has no mode
    { version: 1, defaults: { logBodies: { mode: 'observe', reason: 'a test' } } },
    // @ts-expect-error credentials have no mode
    { version: 1, defaults: { apiKey: { mode: 'observe' } } },
  ]
  for (const file of wrong) assert.equal(compileSnapshot(file, { policies: fakePolicies }).ok, false)
})
