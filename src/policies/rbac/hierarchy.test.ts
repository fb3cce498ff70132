import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { covers } from '../../roles/permission.ts'
import { type RoleLike, RoleModel } from '../../roles/role-model.ts'
import { clausesOf, implies, satisfies } from './clauses.ts'
import type { RbacOptions } from './options.ts'
import { options } from './options.ts'

const names = ['a', 'b', 'c', 'd', 'e'] as const
const name = fc.constantFrom(...names)
const segment = fc.constantFrom('orders', 'users', '*')
const action = fc.constantFrom('read', 'write', '*')
const permission = fc.tuple(segment, action).map(([resource, what]) => `${resource}:${what}`)
const concrete = fc
  .tuple(fc.constantFrom('orders', 'users'), fc.constantFrom('read', 'write'))
  .map((parts) => parts.join(':'))
const role = fc.record({ inherits: fc.uniqueArray(name), permissions: fc.uniqueArray(permission) })
/** Circles and names that nothing defines included: a store may hold both. */
const definitions = fc.dictionary(name, role, { noNullPrototype: true })

/** The meaning, written down in the simplest way there is. */
function naiveHolds(
  all: Record<string, RoleLike>,
  held: readonly string[],
  wanted: string,
  seen: string[] = [],
): boolean {
  return held.some(
    (one) =>
      one === wanted ||
      (!seen.includes(one) &&
        Object.hasOwn(all, one) &&
        naiveHolds(
          all,
          (all[one] as RoleLike).inherits.filter((parent) => Object.hasOwn(all, parent)),
          wanted,
          [...seen, one],
        )),
  )
}

function naiveMay(all: Record<string, RoleLike>, held: readonly string[], wanted: string): boolean {
  const [resource, what] = wanted.split(':')
  return Object.entries(all).some(
    ([one, { permissions }]) =>
      naiveHolds(all, held, one) &&
      permissions.some((text) => {
        const [r, w] = text.split(':')
        return (r === '*' || r === resource) && (w === '*' || w === what)
      }),
  )
}

describe('roles with everything they bring', () => {
  test('are what following each of them by hand gives', () => {
    fc.assert(
      fc.property(definitions, fc.uniqueArray(name), name, concrete, (all, held, wanted, may) => {
        const rights = new RoleModel(Object.entries(all)).rightsOf(held)
        assert.equal(rights.roles.has(wanted), naiveHolds(all, held, wanted))
        const { permissions } = clausesOf(options.parse({ permissions: [may] }), 'GET')
        assert.equal(satisfies(rights.permissions, permissions), naiveMay(all, held, may))
      }),
      { numRuns: 2000 },
    )
  })

  test('come with the way to each of them', () => {
    fc.assert(
      fc.property(definitions, name, name, (all, held, wanted) => {
        const model = new RoleModel(Object.entries(all))
        const path = model.pathTo(held, wanted)
        if (path === null) {
          assert.ok(!model.rightsOf([held]).roles.has(wanted))
          return
        }
        assert.deepEqual([path[0], path.at(-1)], [held, wanted])
        for (let i = 1; i < path.length; i++) {
          assert.ok((all[path[i - 1] as string] as RoleLike).inherits.includes(path[i] as string))
        }
      }),
    )
  })

  test('are found in a long chain and in a wide circle without delay', () => {
    const chain = Array.from(
      { length: 1000 },
      (_, i) => [`r${i}`, { inherits: [`r${(i + 1) % 1000}`], permissions: [] }] as const,
    )
    assert.equal(new RoleModel(chain).rightsOf(['r7']).roles.size, 1000)
  })
})

test('a wildcard stands for a whole segment, and never the other way round', () => {
  const cases: [held: string, wanted: string, covered: boolean][] = [
    ['orders:read', 'orders:read', true],
    ['orders:*', 'orders:read', true],
    ['*:read', 'orders:read', true],
    ['*:*', 'orders:read', true],
    ['orders:*', 'orders:*', true],
    ['*:*', 'orders:*', true],
    ['orders:read', 'orders:*', false],
    ['orders:read', '*:read', false],
    ['orders:rea', 'orders:read', false],
    ['order:*', 'orders:read', false],
    ['*:read', 'orders:write', false],
    ['Orders:read', 'orders:read', false],
  ]
  for (const [held, wanted, covered] of cases) assert.equal(covers(held, wanted), covered, `${held} ${wanted}`)
  const wrong = ['orders', 'orders:', ':read', 'orders:re*', 'or*:read', 'a:b:c', 'orders:read ', '**:read', '']
  for (const text of wrong) assert.equal(options.safeParse({ permissions: [text] }).success, false, text)
})

test('tightening stays right, whatever inherits what', () => {
  const list = fc.uniqueArray(name, { minLength: 1 })
  const requirement = fc.oneof(list, fc.record({ all: list, any: list }))
  const wanted = fc.uniqueArray(permission, { minLength: 1 })
  const own = fc.record(
    { roles: requirement, permissions: fc.oneof(wanted, fc.record({ any: wanted })) },
    { requiredKeys: [] },
  )
  const whole = fc
    .tuple(own, fc.option(own, { nil: undefined }))
    .map(([base, get]) => options.safeParse({ ...base, ...(get && { methods: { GET: get } }) }))
    .filter((parsed) => parsed.success)
    .map(({ data }) => data as RbacOptions)
  fc.assert(
    fc.property(
      whole,
      whole,
      definitions,
      list,
      fc.constantFrom('GET', 'PUT'),
      (inherited, route, all, held, method) => {
        if (!implies(route, inherited)) return
        const rights = new RoleModel(Object.entries(all)).rightsOf(held)
        const passes = (set: RbacOptions) => {
          const clauses = clausesOf(set, method)
          return satisfies(rights.roles, clauses.roles) && satisfies(rights.permissions, clauses.permissions)
        }
        if (passes(route)) assert.ok(passes(inherited))
      },
    ),
    { numRuns: 3000 },
  )
})
