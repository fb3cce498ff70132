import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { ChangeLog } from '../../src/stores/ports/change-log.ts'
import {
  maxTenantRoles,
  type RoleHolder,
  type RoleLookup,
  type RoleRecord,
  type RoleStore,
} from '../../src/stores/ports/role-store.ts'
import { StoreError } from '../../src/stores/ports/store-error.ts'

/** One database as seen by its writer and by a reader of its own. */
export interface RoleStoreUnderTest {
  readonly roles: RoleStore
  readonly lookup: RoleLookup
  readonly changes: ChangeLog
}

const now = 1_800_000_000_000
const alice: RoleHolder = { kind: 'principal', issuer: 'https://login.example.com/', id: "alice's" }
const staff: RoleHolder = { kind: 'group', issuer: 'https://login.example.com/', id: 'staff' }

function newRole(values: Partial<RoleRecord> = {}): RoleRecord {
  return { name: 'support', inherits: [], permissions: [], description: null, createdAt: now, ...values }
}

/** What every role store must do, whatever database it stands on. `open` is called for each test. */
export function describeRoleStore(database: string, open: () => Promise<RoleStoreUnderTest>): void {
  describe(`role store on ${database}`, () => {
    test('roles come back as they were created, and a name is taken once', async () => {
      const { roles, lookup } = await open()
      const role = newRole({ inherits: ['customer'], permissions: ['orders:*'], description: 'ü "x"' })
      await roles.create(role)
      await roles.create(newRole({ name: 'auditor' }))
      assert.deepEqual(await roles.roles(), [newRole({ name: 'auditor' }), role])
      assert.deepEqual(new Set(await lookup.roles()), new Set([role, newRole({ name: 'auditor' })]))
      await assert.rejects(
        roles.create(newRole()),
        (error) => error instanceof StoreError && error.failure === 'conflict',
      )
    })

    test('who was given a role holds it until it is taken away, and nobody else does', async () => {
      const { roles, lookup } = await open()
      const assignment = { holder: alice, role: 'support', createdAt: now }
      assert.equal(await roles.grant(assignment), 'granted')
      assert.equal(await roles.grant(assignment), 'already')
      assert.deepEqual(await lookup.rolesOf(alice), [{ role: 'support' }])
      const others = [
        { kind: 'key' as const },
        { issuer: 'https://other.example/' },
        { id: 'alice' },
        { id: "' or ''='" },
        { id: "alice's\u0000" },
        { issuer: '\u0000' },
      ]
      for (const other of others) assert.deepEqual(await lookup.rolesOf({ ...alice, ...other }), [])
      assert.equal(await roles.revoke(staff, 'support', now), false)
      assert.equal(await roles.revoke(alice, 'support', now), true)
      assert.equal(await roles.revoke(alice, 'support', now), false)
      assert.deepEqual(await lookup.rolesOf(alice), [])
    })

    test('a role that is removed is taken from everyone', async () => {
      const { roles, lookup } = await open()
      await roles.create(newRole())
      await roles.grant({ holder: alice, role: 'support', createdAt: now })
      await roles.grant({ holder: alice, role: 'customer', createdAt: now })
      assert.equal(await roles.remove('support', now), true)
      assert.equal(await roles.remove('support', now), false)
      assert.deepEqual(await lookup.rolesOf(alice), [{ role: 'customer' }])
      assert.deepEqual(await lookup.roles(), [])
    })

    test('tenants have roles of one name without knowing of each other', async () => {
      const { roles, lookup, changes } = await open()
      const own = newRole({ permissions: ['*:*'] })
      const north = newRole({ tenant: 'north', permissions: ['orders:read'] })
      const south = newRole({ tenant: 'south', inherits: ['customer'] })
      for (const role of [own, north, south]) await roles.create(role)
      await assert.rejects(roles.create(north), /there is a role "support" of the tenant north already/)
      for (const [tenant, expected] of [
        [undefined, [own]],
        ['north', [north]],
        ['south', [south]],
        ['nor', []],
        ["north' or ''='", []],
        ['north\u0000', []],
      ] as const) {
        assert.deepEqual(await roles.roles(tenant), expected)
        assert.deepEqual(await lookup.roles(tenant), expected)
      }
      for (const tenant of ['north', 'south']) {
        assert.equal(await roles.grant({ tenant, holder: alice, role: 'support', createdAt: now }), 'granted')
      }
      const held = async (tenant?: string) => lookup.rolesOf(alice, tenant)
      assert.deepEqual(await held('north'), [{ tenant: 'north', role: 'support' }])
      assert.deepEqual([await held(), await held('east'), await held('north\u0000')], [[], [], []])
      await roles.grant({ holder: alice, role: 'support', createdAt: now })
      assert.deepEqual(
        new Set(await held('north')),
        new Set([{ role: 'support' }, { tenant: 'north', role: 'support' }]),
      )
      assert.deepEqual(await held('east'), [{ role: 'support' }])
      assert.equal((await roles.assignments({ limit: 9 })).length, 1)
      assert.deepEqual(await roles.assignments({ limit: 9, tenant: 'south', role: 'support' }), [
        { tenant: 'south', holder: alice, role: 'support', createdAt: now },
      ])
      const position = await changes.position()
      assert.equal(await roles.remove('support', now, 'east'), false)
      assert.equal(await roles.revoke(alice, 'support', now, 'east'), false)
      assert.equal(await changes.position(), position)
      assert.equal(await roles.remove('support', now, 'north'), true)
      assert.deepEqual(await held('north'), [{ role: 'support' }], 'only what was given of that tenant is taken')
      assert.equal(await roles.revoke(alice, 'support', now), true)
      assert.deepEqual(await held('south'), [{ tenant: 'south', role: 'support' }])
      assert.deepEqual(await roles.roles(), [own])
    })

    test('a tenant that is full keeps no other from making roles', async () => {
      const { roles } = await open()
      for (let i = 0; i < maxTenantRoles; i++) await roles.create(newRole({ tenant: 'north', name: `r${i}` }))
      const full = (error: unknown) => error instanceof StoreError && error.failure === 'full'
      await assert.rejects(roles.create(newRole({ tenant: 'north' })), full)
      await roles.create(newRole({ tenant: 'south' }))
      await roles.create(newRole())
    })

    test('assignments are listed in pages, by role and by holder', async () => {
      const { roles } = await open()
      for (const holder of [alice, staff]) {
        for (const role of ['a', 'b', 'c']) await roles.grant({ holder, role, createdAt: now })
      }
      const all = await roles.assignments({ limit: 10 })
      assert.equal(all.length, 6)
      const first = await roles.assignments({ limit: 4 })
      const rest = await roles.assignments({ limit: 4, after: first.at(-1) as (typeof first)[0] })
      assert.deepEqual([...first, ...rest], all)
      assert.deepEqual(
        (await roles.assignments({ limit: 9, role: 'b' })).map(({ holder }) => holder),
        [staff, alice],
      )
      const held = await roles.assignments({ limit: 9, holder: alice })
      assert.deepEqual(
        held.map(({ role }) => role),
        ['a', 'b', 'c'],
      )
    })

    test('every change moves the change log, and what changes nothing does not', async () => {
      const { roles, changes } = await open()
      let position = await changes.position()
      const moves = async (run: () => Promise<unknown>, expected: boolean) => {
        await run().catch(() => {})
        const after = await changes.position()
        assert.equal(after !== position, expected, run.toString())
        position = after
      }
      const assignment = { holder: alice, role: 'support', createdAt: now }
      await moves(() => roles.create(newRole()), true)
      await moves(() => roles.create(newRole()), false)
      await moves(() => roles.grant(assignment), true)
      await moves(() => roles.grant(assignment), false)
      await moves(() => roles.revoke(alice, 'other', now), false)
      await moves(() => roles.revoke(alice, 'support', now), true)
      await moves(() => roles.remove('support', now), true)
      await moves(() => roles.remove('support', now), false)
    })
  })
}
