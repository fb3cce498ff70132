import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, afterEach, describe, test } from 'node:test'
import fc from 'fast-check'
import {
  createTestPipeline,
  parseTestOptions,
  runTestExchange,
  type TestRequest,
} from '../../../test/support/exchange.ts'
import { createProbeId } from '../../accounts/probe-account.ts'
import { attemptLimits } from '../../core/attempt-limits.ts'
import { PasswordError } from '../../crypto/passwords/password-error.ts'
import { createPasswordHasher, type PasswordHasher } from '../../crypto/passwords/password-hasher.ts'
import { passwordHasherPort } from '../../crypto/passwords/password-hasher-port.ts'
import { createAttemptStore } from '../../stores/attempt-store.ts'
import { addFactor, createFactorLookup } from '../../stores/factor-store.ts'
import { accountLookupPort, accountStorePort, type NewAccount } from '../../stores/ports/account-store.ts'
import { attemptStorePort } from '../../stores/ports/attempt-store.ts'
import { changeEpochPort } from '../../stores/ports/change-log.ts'
import { type FactorKind, factorLookupPort } from '../../stores/ports/factor-store.ts'
import { StoreError } from '../../stores/ports/store-error.ts'
import { openSqliteReader } from '../../stores/sqlite/sqlite-reader.ts'
import { openSqliteStore } from '../../stores/sqlite/sqlite-store.ts'
import type { Store } from '../../stores/store.ts'
import { compose } from './compose.ts'
import { basic } from './index.ts'
import type { BasicOptions } from './options.ts'

const folder = mkdtempSync(join(tmpdir(), 'portcullis-basic-'))
const hasher = createPasswordHasher({ threads: 1 })
const password = 'correct horse battery: staple ü'
const passwordHash = await hasher.hash(password)
const close: (() => unknown)[] = []
let count = 0

afterEach(async () => {
  for (const each of close.splice(0)) await each()
})
after(async () => {
  await hasher.close()
  rmSync(folder, { recursive: true })
})

/** A route with a real store and a real hasher, whose calls are counted. */
async function createRoute(own: Record<string, unknown> = {}, failing: Partial<PasswordHasher> = {}) {
  const path = join(folder, `${count++}.db`)
  const store = await openSqliteStore({ path })
  const reader = openSqliteReader({ path })
  close.push(
    () => reader.close(),
    () => store.close(),
  )
  const clock = { now: Date.now() }
  const calls = { verify: 0, verifyNothing: 0, hash: 0 }
  const counted: PasswordHasher = {
    hash(...args) {
      calls.hash++
      return hasher.hash(...args)
    },
    verify(...args) {
      calls.verify++
      return hasher.verify(...args)
    },
    verifyNothing(...args) {
      calls.verifyNothing++
      return hasher.verifyNothing(...args)
    },
    ...failing,
  }
  const epoch = { value: 1, readable: true }
  const broken = { lookup: false }
  const lookup = {
    find: (id: string) => reader.accounts.find(id),
    findByUsername(tenant: string | null, name: string) {
      if (broken.lookup) throw new StoreError('missing', 'the store is gone')
      return reader.accounts.findByUsername(tenant, name)
    },
  }
  const pipeline = await createTestPipeline(
    [{ policy: basic, options: own }],
    { authenticated: true },
    {
      now: () => clock.now,
      ports: [
        [passwordHasherPort, counted],
        [accountStorePort, store.accounts],
        [accountLookupPort, lookup],
        [factorLookupPort, createFactorLookup(reader.db, reader.read)],
        [attemptStorePort, createAttemptStore(store.db)],
        [changeEpochPort, { current: () => epoch.value, readable: () => epoch.readable }],
      ],
    },
  )
  const send = (request: TestRequest) => runTestExchange({ pipeline, scheme: 'https', ...request })
  return {
    ...{ store, clock, calls, epoch, broken, pipeline, send },
    async create(values: Partial<NewAccount> = {}) {
      const nothing = { tenant: null, roles: [], scopes: [], attributes: {}, createdAt: clock.now, passwordHash }
      const account = { id: `id-${count++}`, username: 'ann', ...nothing, ...values }
      await store.accounts.create(account)
      return account
    },
    logIn: (user: string, secret: string, client = '192.0.2.1') =>
      send({ client, headers: { authorization: toBasic(`${user}:${secret}`) } }),
  }
}

async function addApp({ db }: Pick<Store, 'db'>, account: string, kind: FactorKind = 'totp'): Promise<void> {
  await addFactor(db, { id: `factor-${count++}`, account, kind, data: 'sealed', label: null, createdAt: 1 })
}

function toBasic(text: string | Uint8Array): string {
  return `Basic ${Buffer.from(text).toString('base64')}`
}

describe('a login', () => {
  test('that is right identifies its account and is not forwarded', async () => {
    const route = await createRoute()
    const account = await route.create({ roles: ['customer'], scopes: ['orders'], attributes: { plan: 'gold' } })
    const result = await route.logIn('Ann', password)
    assert.equal(result.status, 200, result.code ?? '')
    assert.equal(result.exchange.headers.has('authorization'), false)
    assert.deepEqual(result.exchange.principal, {
      ...{ id: account.id, kind: 'user', issuer: 'portcullis', tenant: null, roles: ['customer'], scopes: ['orders'] },
      ...{ attributes: { plan: 'gold' }, credential: { policy: 'basic', id: account.id } },
      ...{ assurance: 'single-factor', confirmation: null, proofOfPossession: null, expiresAt: null },
    })
  })

  test('of any kind that fails looks the same, and costs one hash', async () => {
    const route = await createRoute()
    await route.create()
    const off = await route.create({ username: 'off' })
    await route.store.accounts.disable(off.id, route.clock.now)
    await route.create({ username: 'none', passwordHash: null })
    await addApp(route.store, (await route.create({ username: 'two' })).id)
    const ended = createProbeId(route.clock.now - 1)
    await route.create({ id: ended, username: ended })
    const cases = [
      ['ann', `${password}!`, 'basic_password'],
      ['nobody', password, 'basic_unknown'],
      ['off', password, 'basic_disabled'],
      ['none', password, 'basic_no_password'],
      ['two', password, 'basic_second_factor'],
      ['two', `${password}!`, 'basic_second_factor'],
      [ended, password, 'basic_disabled'],
      ["' or 1=1 --", password, 'basic_unknown'],
    ] as const
    const seen = new Set<string>()
    for (const [name, secret, code] of cases) {
      const { verify, verifyNothing } = route.calls
      const result = await route.logIn(name, secret)
      assert.equal(result.code, code)
      assert.equal(route.calls.verify + route.calls.verifyNothing, verify + verifyNothing + 1, code)
      assert.equal(result.headers.get('www-authenticate'), 'Basic realm="api", charset="UTF-8"')
      seen.add(`${result.status} ${result.body.replace(result.exchange.id, '')}`)
    }
    assert.equal(seen.size, 1)
  })

  test('of an account with a second factor ends with its being added; recovery codes are none', async () => {
    const route = await createRoute()
    const { id } = await route.create()
    await addApp(route.store, id, 'recovery')
    assert.equal((await route.logIn('ann', password)).status, 200)
    await addApp(route.store, id)
    route.epoch.value++
    // Also where the password was remembered.
    assert.equal((await route.logIn('ann', password)).code, 'basic_second_factor')
    await route.store.db.deleteFrom('factors').execute()
    assert.equal((await route.logIn('ann', password)).status, 200)
  })

  test('belongs to the tenant of the route', async () => {
    const route = await createRoute({ tenant: 'north', realm: 'north' })
    await route.create({ tenant: 'south' })
    assert.equal((await route.logIn('ann', password)).code, 'basic_unknown')
    await route.create({ tenant: 'north' })
    assert.equal((await route.logIn('ann', password)).exchange.principal?.tenant, 'north')
  })

  test('over plain HTTP is never looked at, and its password counts as exposed', async () => {
    const route = await createRoute()
    await route.create()
    const headers = { authorization: toBasic(`ann:${password}`) }
    const result = await route.send({ scheme: 'http', headers })
    assert.equal(result.status, 403)
    assert.equal(result.code, 'basic_over_http')
    assert.equal(route.calls.verify, 0)
    assert.equal(route.pipeline.counters.get('portcullis_basic_exposed_total'), 1)
    assert.doesNotMatch(JSON.stringify(route.pipeline.log), /correct horse/)
  })

  test('that is not written as RFC 7617 has it is refused unlooked at', async () => {
    const route = await createRoute()
    await route.create()
    const good = toBasic(`ann:${password}`)
    const bad = [
      'Basic',
      'Basic ',
      'Basic %%%',
      `${good}=`,
      `${good} x`,
      good.replace('Basic ', 'Basic *'),
      toBasic('ann:x').replace(/=+$/, ''),
      'Basic YTpi\tYTpi',
      'Basic YTpiYR==',
      toBasic('ann'),
      toBasic(`:${password}`),
      toBasic('ann:'),
      toBasic('ann:a\nb'),
      toBasic('an\u0000n:ab'),
      toBasic('ann:a\u0085b'),
      toBasic(Buffer.from([0x61, 0x3a, 0xc3])),
      toBasic(Buffer.from([0x61, 0x3a, 0xed, 0xa0, 0x80])),
      toBasic(`${'a'.repeat(201)}:b`),
      toBasic(`ann:${'b'.repeat(1025)}`),
      `Basic ${'A'.repeat(60_000)}`,
    ]
    for (const authorization of bad) {
      const result = await route.send({ headers: { authorization } })
      assert.equal(result.code, 'basic_malformed', authorization.slice(0, 40))
      assert.equal(result.status, 401)
    }
    const twice = await route.send({
      headers: [
        ['authorization', good],
        ['authorization', good],
      ],
    })
    assert.equal(twice.code, 'basic_repeated')
    assert.equal(route.calls.verify + route.calls.verifyNothing, 0)
    for (const scheme of ['basic', 'BASIC', 'Basic  ']) {
      const headers = { authorization: good.replace('Basic', scheme) }
      assert.equal((await route.send({ headers })).status, 200, scheme)
    }
    for (const authorization of ['Bearer x', 'Basics x', 'Digest x']) {
      assert.equal((await route.send({ headers: { authorization } })).code, 'credential_missing')
    }
  })

  test('with whatever text is read as it was written or not at all', async () => {
    const route = await createRoute()
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 40 }), async (bytes) => {
        const result = await route.send({ client: `${Math.random()}`, headers: { authorization: toBasic(bytes) } })
        assert.ok(result.status === 401 || result.status === 429)
      }),
      { numRuns: 40 },
    )
  })
})

describe('a password that was right', () => {
  test('is hashed once in its lifetime, and anew after it', async () => {
    const route = await createRoute()
    await route.create()
    for (let i = 0; i < 5; i++) assert.equal((await route.logIn('ann', password)).status, 200)
    assert.equal(route.calls.verify, 1)
    route.clock.now += 61_000
    await route.logIn('ann', password)
    assert.equal(route.calls.verify, 2)
    const always = await createRoute({ cacheLifetime: '0s' })
    await always.create()
    for (let i = 0; i < 2; i++) await always.logIn('ann', password)
    assert.equal(always.calls.verify, 2)
  })

  test('does not open the door to other passwords or names', async () => {
    const route = await createRoute()
    await route.create()
    await route.logIn('ann', password)
    assert.equal((await route.logIn('ann', `${password} `)).status, 401)
    assert.equal((await route.logIn('an', `n${password}`)).status, 401)
  })

  test('ends with a new password, when disabled, removed or renamed; other changes only cost a look', async () => {
    const route = await createRoute()
    const { accounts } = route.store
    const { id } = await route.create()
    await route.logIn('ann', password)
    await accounts.update(id, { roles: ['admin'] }, ++route.clock.now)
    route.epoch.value++
    const changed = await route.logIn('ann', password)
    assert.deepEqual(changed.exchange.principal?.roles, ['admin'])
    assert.equal(route.calls.verify, 1)
    await accounts.disable(id, ++route.clock.now)
    route.epoch.value++
    assert.equal((await route.logIn('ann', password)).code, 'basic_disabled')
    await accounts.enable(id, ++route.clock.now)
    route.epoch.value++
    assert.equal((await route.logIn('ann', password)).status, 200)
    await accounts.setPassword(id, await hasher.hash('another long password'), ++route.clock.now)
    route.epoch.value++
    assert.equal((await route.logIn('ann', password)).code, 'basic_password')
    await accounts.setPassword(id, passwordHash, ++route.clock.now)
    route.epoch.value++
    assert.equal((await route.logIn('ann', password)).status, 200)
    await accounts.update(id, { username: 'anna' }, ++route.clock.now)
    route.epoch.value++
    assert.equal((await route.logIn('ann', password)).code, 'basic_unknown')
    assert.equal((await route.logIn('anna', password)).status, 200)
    await accounts.remove(id, ++route.clock.now)
    route.epoch.value++
    assert.equal((await route.logIn('anna', password)).code, 'basic_unknown')
  })

  test('whose account changes while it is being looked at does not let in', async () => {
    const held = { release: () => {} }
    const route = await createRoute(
      {},
      {
        async verify(...args) {
          const result = await hasher.verify(...args)
          await new Promise<void>((resolve) => {
            held.release = resolve
          })
          return result
        },
      },
    )
    const { id } = await route.create()
    const running = route.logIn('ann', password)
    while (String(held.release) === '() => {}') await new Promise((resolve) => setTimeout(resolve, 5))
    await route.store.accounts.disable(id, route.clock.now)
    route.epoch.value++
    held.release()
    assert.equal((await running).status, 401)
  })

  test('while the change log cannot be read, every request looks at the account', async () => {
    const route = await createRoute()
    const { id } = await route.create()
    await route.logIn('ann', password)
    await route.store.accounts.disable(id, route.clock.now)
    route.epoch.readable = false
    assert.equal((await route.logIn('ann', password)).status, 401)
  })

  test('no longer holds for an open stream once the account was disabled', async () => {
    const route = await createRoute()
    const { id } = await route.create()
    const { exchange } = await route.logIn('ann', password)
    const [hooks] = route.pipeline.hooks
    assert.equal(await hooks?.stillHolds?.(exchange), true)
    await route.store.accounts.disable(id, route.clock.now)
    assert.equal(await hooks?.stillHolds?.(exchange), false)
  })

  test('is hashed anew where hashes are stronger now, and goes on working', async () => {
    const route = await createRoute()
    const weak = '$pbkdf2-sha256$i=1000$MDEyMzQ1Njc4OWFiY2RlZg$'
    const { pbkdf2Sync } = await import('node:crypto')
    const digest = pbkdf2Sync(password, '0123456789abcdef', 1000, 32, 'sha256').toString('base64').replace(/=+$/, '')
    const { id } = await route.create({ passwordHash: weak + digest })
    assert.equal((await route.logIn('ann', password)).status, 200)
    for (let i = 0; i < 200; i++) {
      if ((await route.store.accounts.find(id))?.passwordHash?.startsWith('$argon2id$')) break
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
    assert.match((await route.store.accounts.find(id))?.passwordHash ?? '', /^\$argon2id\$/)
    assert.equal((await route.logIn('ann', password)).status, 200)
    assert.equal(route.calls.verify, 1)
    route.clock.now += 61_000
    assert.equal((await route.logIn('ann', password)).status, 200)
  })
})

describe('guessing', () => {
  test('is stopped with 429, alike for accounts that exist and those that do not, and goes on being stopped', async () => {
    const route = await createRoute()
    await route.create()
    const tell = async (name: string) => {
      const seen: (string | undefined)[] = []
      for (let i = 0; i < 9; i++) {
        const result = await route.logIn(name, `guess ${i}`, `${name}-${i}`)
        seen.push(
          `${result.status} ${result.headers.get('retry-after')} ${result.body.replace(result.exchange.id, '')}`,
        )
      }
      return seen
    }
    const existing = await tell('ann')
    assert.deepEqual(existing, await tell('nobody'))
    assert.deepEqual(
      existing.map((text) => text?.slice(0, 5)),
      [...Array(6).fill('401 u'), ...Array(3).fill('429 1')],
    )
    // The right password does not help whoever is locked, and does not tell him that it is right.
    assert.equal((await route.logIn('ann', password, 'ann-99')).status, 429)
    const events = route.pipeline.log.map(({ event }) => event)
    assert.equal(events.filter((event) => event === 'attempt_failed').length, 12)
    assert.equal(events.filter((event) => event === 'account_locked').length, 2)
    assert.equal(route.pipeline.counters.get('portcullis_login_locks_total{event="account_locked"}'), 2)
    assert.doesNotMatch(JSON.stringify(route.pipeline.log), /guess|"ann"/)
  })

  test('many at once looks at no more passwords than one after the other', async () => {
    const route = await createRoute()
    await route.create()
    const results = await Promise.all(
      Array.from({ length: 40 }, (_, i) => route.logIn('ann', `guess ${i}`, `192.0.2.${i}`)),
    )
    assert.equal(route.calls.verify, attemptLimits.account.free + 1)
    assert.equal(results.filter(({ status }) => status === 429).length, 40 - route.calls.verify)
  })

  test('elsewhere does not keep the owner out, who has been here before', async () => {
    const route = await createRoute({ cacheLifetime: '0s' })
    await route.create()
    assert.equal((await route.logIn('ann', password)).status, 200)
    for (let i = 0; i < 30; i++) await route.logIn('ann', `guess ${i}`, `198.51.100.${i}`)
    assert.equal((await route.logIn('ann', password, '198.51.100.99')).status, 429)
    assert.equal((await route.logIn('ann', password)).status, 200)
  })

  test('one client that sends one wrong password many times at once counts once', async () => {
    const route = await createRoute()
    await route.create()
    const results = await Promise.all(Array.from({ length: 20 }, () => route.logIn('ann', 'yesterday')))
    assert.deepEqual(new Set(results.map(({ status }) => status)), new Set([401]))
    assert.equal(route.calls.verify, 1)
  })

  test('a right password that comes many times at once is hashed once and locks nobody', async () => {
    const route = await createRoute()
    await route.create()
    const results = await Promise.all(Array.from({ length: 30 }, () => route.logIn('ann', password)))
    assert.deepEqual(new Set(results.map(({ status }) => status)), new Set([200]))
    assert.equal(route.calls.verify, 1)
  })
})

describe('where something fails', () => {
  test('a full queue answers 503 and does not count', async () => {
    const busy = async () => {
      throw new PasswordError('busy', 'too many')
    }
    const route = await createRoute({}, { verify: busy, verifyNothing: busy })
    await route.create()
    for (let i = 0; i < 20; i++) {
      const result = await route.logIn(i % 2 === 0 ? 'ann' : 'nobody', password)
      assert.equal(result.status, 503)
      assert.equal(result.headers.get('retry-after'), '1')
    }
  })

  test('a store that is gone lets nobody in', async () => {
    const route = await createRoute()
    await route.create()
    route.broken.lookup = true
    assert.equal((await route.logIn('ann', password)).code, 'dependency_down')
    route.broken.lookup = false
    assert.equal((await route.logIn('ann', password)).status, 200)
    await route.store.db.schema.dropTable('attempts').execute()
    route.clock.now += 61_000
    assert.equal((await route.logIn('ann', password)).status, 503)
  })

  test('a damaged hash lets nobody in and takes as long', async () => {
    const route = await createRoute()
    await route.create({ passwordHash: 'plain' })
    assert.equal((await route.logIn('ann', 'plain')).code, 'basic_password')
    assert.equal(route.calls.verifyNothing, 1)
    assert.ok(route.pipeline.log.some(({ event }) => event === 'account_hash_invalid'))
  })
})

test('bad options are refused, and a route only tightens', () => {
  for (const bad of [{ realm: 'a"b' }, { cacheLifetime: '6m' }, { onFailure: 'allow' }, { tenant: '' }, { other: 1 }]) {
    assert.equal(basic.options.safeParse(bad).success, false, JSON.stringify(bad))
  }
  const inherited = parseTestOptions(basic, {}) as BasicOptions
  assert.equal(compose(inherited, { ...inherited, cacheLifetime: 1000 }), 'tighter')
  assert.equal(compose(inherited, { ...inherited, cacheLifetime: 100_000 }), 'looser')
  assert.equal(compose(inherited, { ...inherited, tenant: 'north' }), 'looser')
})
