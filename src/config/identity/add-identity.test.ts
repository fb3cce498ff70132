import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { compileSnapshot } from '../compile-snapshot.ts'
import { formatErrors } from '../config-error.ts'
import type { Snapshot } from '../snapshot.ts'

const start = `version: 1
listen: { http: { serve: true, reason: a test } }
upstreams: { shop: { targets: [http://127.0.0.1:3000] } }
`
const secrets = 'secrets: { master: { key: env:MASTER } }\n'
const identity = 'identity: { issuer: https://shop.example.com/identity }\n'
const routes = 'routes: [{ path: /orders, upstream: shop, authenticate: [jwt] }]\n'

function errorsOf(text: string): string {
  const result = compileSnapshot(text)
  return result.ok ? '' : formatErrors(result.errors)
}

function compile(text: string): Snapshot {
  const result = compileSnapshot(text)
  assert.ok(result.ok, result.ok ? '' : formatErrors(result.errors))
  return result.snapshot
}

describe('a file with the identity server', () => {
  test('needs nothing but its issuer for `authenticate: [jwt]`', () => {
    const { blocks } = compile(start + secrets + identity + routes)
    const { identity: own } = blocks.issuers as Record<string, Record<string, unknown>>
    assert.equal(own?.issuer, 'https://shop.example.com/identity')
    assert.deepEqual(own?.audience, ['https://shop.example.com/'])
    assert.deepEqual([own?.own, own?.algorithms, own?.types], [true, ['ES256'], ['at+jwt']])
    assert.match(errorsOf(start + secrets + routes), /no issuer is declared/)
  })

  test('needs a key to seal with', () => {
    assert.match(errorsOf(start + identity + routes), /:4:1: identity needs the block `secrets`/)
  })

  test('has an issuer for each resource, and shares no name with another', () => {
    const resources = `identity:
  issuer: https://shop.example.com/identity
  resources: { shop: { identifier: https://shop.example.com/ }, stock: { identifier: 'urn:stock' } }
`
    const { blocks } = compile(start + secrets + resources + routes)
    assert.deepEqual(Object.keys(blocks.issuers as object), ['shop', 'stock'])
    const other = 'issuers: { shop: { issuer: https://login.example.com/, audience: shop } }\n'
    assert.match(
      errorsOf(start + secrets + resources + other + routes),
      /"shop" is what a resource of `identity` is called/,
    )
  })

  test('keeps its routes to itself, behind the defaults', () => {
    const conflict = 'routes: [{ path: /identity/token, methods: [POST], upstream: shop, authenticate: [jwt] }]\n'
    assert.match(errorsOf(start + secrets + identity + conflict), /POST \/identity\/token/)
    const defaults =
      'defaults: { cors: { origins: [https://app.example.com] }, rateLimit: { limit: 5/min, per: ip } }\n'
    const snapshot = compile(start + secrets + identity + defaults + routes)
    const authorize = snapshot.routes.find(({ path }) => path === '/identity/authorize')
    const names = authorize?.policies.map(({ name }) => name)
    assert.ok(names?.includes('rate-limit'))
    // Which pages may ask is decided for each client by itself, and none where people log in.
    assert.ok(!names?.includes('cors'))
    assert.ok(snapshot.routes.some(({ path }) => path === '/.well-known/oauth-authorization-server/identity'))
  })

  test('says which clients nobody sees', () => {
    const clients = `identity:
  issuer: https://shop.example.com/identity
  clients:
    - { id: mirror, secret: env:MIRROR, grants: [tokenExchange], exchanges: impersonate }
`
    const found = compile(start + secrets + clients + routes).notices.find(({ text }) => text.includes('mirror'))
    assert.deepEqual([found?.kind, found?.position?.line], ['unsafe', 8])
    assert.match(
      errorsOf(start + secrets + clients.replace('[tokenExchange]', '[clientCredentials]') + routes),
      /needs/,
    )
  })

  test('answers at a host of its own where its issuer has no path', () => {
    const own = 'identity: { issuer: https://login.example.com }\n'
    const snapshot = compile(start + secrets + own + routes)
    const token = snapshot.routes.find(({ path }) => path === '/token')
    assert.deepEqual(token?.hosts, ['login.example.com'])
  })
})
