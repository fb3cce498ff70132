import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { createTestExchange, parseTestOptions } from '../../../test/support/exchange.ts'
import type { Principal } from '../../core/principal.ts'
import { rateLimit } from './index.ts'
import { createKeyReader, stageOf } from './limit-key.ts'
import type { LimitPart, RateLimitOptions } from './options.ts'

interface Caller {
  readonly client?: string
  readonly principal?: Partial<Principal>
  readonly headers?: Record<string, string>
}

async function keyOf(per: unknown, { client = '192.0.2.1', principal, headers = {} }: Caller): Promise<string> {
  const { exchange } = await createTestExchange({ client, headers })
  if (principal !== undefined) {
    exchange.principal = {
      id: 'customer',
      kind: 'user',
      issuer: 'portcullis',
      tenant: null,
      roles: [],
      scopes: [],
      attributes: {},
      credential: { policy: 'api-key', id: 'key' },
      assurance: null,
      confirmation: null,
      proofOfPossession: null,
      expiresAt: null,
      ...principal,
    }
  }
  return createKeyReader(read(per))(exchange)
}

function read(per: unknown): readonly LimitPart[] {
  return (parseTestOptions(rateLimit, { limit: '1/min', per }) as RateLimitOptions).per
}

test('each kind of limit stands where its key is known and cannot be used up by strangers', () => {
  const stages = {
    guard: ['ip', { header: 'x-tenant' }, ['ip', 'route'], [{ header: 'x-tenant' }, 'ip']],
    limit: ['principal', 'tenant', 'route', ['principal', 'route'], ['tenant', { header: 'x-client' }]],
  }
  for (const [stage, pers] of Object.entries(stages)) {
    for (const per of pers) assert.equal(stageOf(read(per)), stage, JSON.stringify(per))
  }
})

test('a principal is known by its issuer and id, whatever it came from', async () => {
  const base = await keyOf('principal', { principal: {} })
  assert.equal(await keyOf('principal', { principal: {}, client: '198.51.100.1' }), base)
  assert.equal(await keyOf('principal', { principal: { credential: { policy: 'jwt', id: 'other' } } }), base)
  assert.notEqual(await keyOf('principal', { principal: { id: 'other' } }), base)
  assert.notEqual(await keyOf('principal', { principal: { issuer: 'https://login.example.com/' } }), base)
})

test('where nobody is known, the address counts', async () => {
  assert.equal(await keyOf('principal', {}), await keyOf('ip', {}))
  assert.notEqual(await keyOf('principal', {}), await keyOf('principal', { client: '192.0.2.2' }))
})

test('a tenant counts all of its principals; without one the principal does, then the address', async () => {
  const ofTenant = (id: string) => keyOf('tenant', { principal: { id, tenant: 'north' } })
  assert.equal(await ofTenant('a'), await ofTenant('b'))
  const keys = await Promise.all([
    ofTenant('a'),
    keyOf('tenant', { principal: { tenant: 'south' } }),
    keyOf('tenant', { principal: { id: 'a' } }),
    keyOf('tenant', { principal: { id: 'b' } }),
    keyOf('tenant', {}),
  ])
  assert.equal(new Set(keys).size, keys.length)
})

test('a field counts by its value; nobody who sends it reaches the count of those who do not', async () => {
  const per = { header: 'X-Tenant' }
  assert.equal(await keyOf(per, { headers: { 'x-tenant': 'north' } }), 'north')
  const absent = await keyOf(per, {})
  for (const forged of ['192.0.2.1', 'i192.0.2.1', '']) {
    assert.notEqual(await keyOf(per, { headers: { 'x-tenant': forged } }), absent)
  }
  assert.notEqual(absent, await keyOf(per, { client: '192.0.2.2' }))
})

test('combined parts cannot run into each other', async () => {
  const per = [{ header: 'a' }, { header: 'b' }, 'ip', 'route']
  const text = fc.string({ minLength: 1, maxLength: 6, unit: fc.constantFrom('1', '2', ':', '|', 'x') })
  await fc.assert(
    fc.asyncProperty(text, text, text, text, async (a, b, c, d) => {
      const one = await keyOf(per, { headers: { a, b } })
      const other = await keyOf(per, { headers: { a: c, b: d } })
      assert.equal(one === other, a === c && b === d)
    }),
    { numRuns: 200 },
  )
})
