import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { z } from 'zod'
import { toClaimMapping } from './claim-mapping.ts'
import { claimOptions } from './claim-options.ts'
import { toPrincipal } from './claims-principal.ts'
import { toClaims } from './to-claims.ts'

const schema = z.object(claimOptions)
const origin = { policy: 'jwt', issuer: 'https://issuer.example', token: '', confirmation: null, expiresAt: null }

describe('the claims of an issuer', () => {
  const ways: Record<string, z.input<typeof schema>> = {
    'as they are': {},
    'in a nested claim': { rolesClaim: 'realm_access.roles', scopesClaim: ['https://example.com/scopes', 'all'] },
    'under other names': {
      rolesMap: { 'grp-1': 'customer', 'grp-2': ['writer', 'reader'] },
      scopesMap: { w: 'write' },
    },
    'with a prefix': { rolesPrefix: 'shop-', scopesPrefix: 'shop:', rolesMap: { all: ['customer', 'writer'] } },
    'with a tenant': { tenantClaim: 'org.id', tenantMap: { o1: 'north' } },
  }
  for (const [name, input] of Object.entries(ways)) {
    test(`say what is asked for, ${name}`, () => {
      const options = schema.parse(input)
      const tenant = options.tenantClaim === undefined ? undefined : 'north'
      const claims = toClaims(options, { roles: ['customer', 'writer'], scopes: ['write'], tenant })
      const principal = toPrincipal({ ...claims, sub: 'probe' } as never, toClaimMapping(options), origin)
      for (const role of ['customer', 'writer']) assert.ok(principal?.roles.includes(role), role)
      assert.deepEqual(principal?.scopes, ['write'])
      if (options.tenantClaim !== undefined) assert.equal(principal?.tenant, 'north')
    })
  }

  test('say of nobody what they have no words for', () => {
    const rights = { roles: ['admin'], scopes: [] }
    assert.equal(toClaims(schema.parse({ rolesMap: { 'grp-1': 'customer' } }), rights), null)
    assert.equal(toClaims(schema.parse({ boundClients: 'all' }), rights), null)
    assert.equal(toClaims(schema.parse({}), { ...rights, tenant: 'north' }), null)
    const south = schema.parse({ tenantClaim: 'org', tenantMap: { o2: 'south' } })
    assert.equal(toClaims(south, { ...rights, tenant: 'north' }), null)
    assert.equal(toClaims(south, rights)?.org, 'o2')
  })

  test('choose the name that says least beside it', () => {
    const options = schema.parse({ rolesMap: { everything: ['customer', 'admin'], only: 'customer' } })
    assert.deepEqual(toClaims(options, { roles: ['customer'], scopes: [] })?.roles, ['only'])
  })
})
