import assert from 'node:assert/strict'
import { renameSync, rmSync } from 'node:fs'
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, afterEach, before, beforeEach, describe, test } from 'node:test'
import { createTestExchange } from '../../../test/support/exchange.ts'
import { createTestIssuer, createTestKey, type TestIssuer } from '../../../test/support/issuer.ts'
import { createJwtRoute, toIssuerOptions } from '../../../test/support/jwt-route.ts'
import type { RevocableToken, RevocationLookup, RevokedKind } from '../../stores/ports/revocation-store.ts'
import { openSqliteReader, type SqliteReader } from '../../stores/sqlite/sqlite-reader.ts'
import { openSqliteStore, type SqliteStore } from '../../stores/sqlite/sqlite-store.ts'

const hour = 3_600_000
let issuer: TestIssuer
let folder: string
let store: SqliteStore
let reader: SqliteReader
let epoch: { value: number; readable: boolean }
let reads: number
const close: (() => unknown)[] = []

before(async () => {
  issuer = await createTestIssuer(createTestKey())
})
after(() => issuer.close())
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'portcullis-revocation-'))
  store = await openSqliteStore({ path: join(folder, 'portcullis.db') })
  reader = openSqliteReader({ path: store.path, retryAfterMs: 0 })
  epoch = { value: 1, readable: true }
  reads = 0
})
afterEach(async () => {
  for (const each of close.splice(0)) await each()
  reader.close()
  store.close()
  rmSync(folder, { recursive: true })
})

async function createRoute(find: RevocationLookup['find'] = reader.revocations.find, now?: () => number) {
  const route = await createJwtRoute({
    ...(now && { now }),
    issuers: { main: toIssuerOptions(issuer) },
    epoch: { current: () => epoch.value, readable: () => epoch.readable },
    revocations: {
      find(token) {
        reads++
        return find(token)
      },
    },
  })
  close.push(() => route.close())
  const count = (name: string) =>
    route.pipeline.gauges.get(`portcullis_jwt_verified_token_${name}_total`)?.() ?? assert.fail(name)
  return { ...route, hits: () => count('hits'), misses: () => count('misses') }
}

async function revoke(kind: RevokedKind, value: string): Promise<void> {
  const revokedAt = Date.now()
  const issuedUntil = kind === 'subject' ? revokedAt : null
  const common = { issuer: issuer.url, revokedAt, issuedUntil, endsAt: revokedAt + hour, reason: null }
  await store.revocations.revoke({ kind, value, ...common })
  epoch.value++
}

/** With (r, s), (r, n − s) is an ECDSA signature as well, which anybody can make of it. */
function withTwinSignature(token: string): string {
  const end = token.lastIndexOf('.') + 1
  const signature = Buffer.from(token.slice(end), 'base64url')
  const order = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n
  const s = order - BigInt(`0x${signature.subarray(32).toString('hex')}`)
  const twin = Buffer.concat([signature.subarray(0, 32), Buffer.from(s.toString(16).padStart(64, '0'), 'hex')])
  return token.slice(0, end) + twin.toString('base64url')
}

const secondsFromNow = (seconds: number) => Math.floor(Date.now() / 1000) + seconds

describe('a token that is cached', () => {
  for (const [kind, value] of [
    ['token', 'token-1'],
    ['session', 'session-1'],
    ['subject', 'customer-1'],
  ] as const) {
    test(`is refused from its revocation by ${kind} on, and no signature is verified for it`, async () => {
      const route = await createRoute()
      const token = await issuer.sign({ jti: 'token-1', sid: 'session-1' })
      const other = await issuer.sign({ jti: 'token-2', sid: 'session-2', sub: 'customer-2' })
      assert.equal((await route.sendToken(token)).status, 200)
      assert.equal((await route.sendToken(other)).status, 200)
      await revoke(kind, value)
      const refused = await route.sendToken(token)
      assert.deepEqual([refused.status, refused.code], [401, 'token_revoked'])
      assert.match(refused.headers.get('www-authenticate') ?? '', /error="invalid_token"/)
      assert.equal((await route.sendToken(other)).status, 200)
      assert.equal(route.misses(), 2, 'verified again')
    })
  }

  test('costs one look-up per change, and none once it is known to be revoked', async () => {
    const route = await createRoute()
    const token = await issuer.sign({ jti: 'token-1' })
    for (let i = 0; i < 3; i++) await route.sendToken(token)
    assert.equal(reads, 1)
    epoch.value++
    for (let i = 0; i < 3; i++) await route.sendToken(token)
    assert.equal(reads, 2)
    await revoke('token', 'token-1')
    for (let i = 0; i < 3; i++) assert.equal((await route.sendToken(token)).code, 'token_revoked')
    assert.equal(reads, 3)
  })

  test('is answered without waiting, checked or not', async () => {
    const route = await createRoute()
    const token = await issuer.sign()
    await route.sendToken(token)
    epoch.value++
    const { exchange } = await createTestExchange({
      pipeline: route.pipeline,
      headers: { authorization: `Bearer ${token}` },
    })
    assert.ok(!(exchange.pipeline.decide(exchange) instanceof Promise))
  })

  test('holds what it opened after a time without traffic, when keys have to be fetched first', async () => {
    let skippedMs = 0
    const route = await createRoute(undefined, () => Date.now() + skippedMs)
    const { exchange } = await route.sendToken(await issuer.sign({ jti: 'token-1', exp: secondsFromNow(7200) }))
    const holds = () => route.pipeline.pipeline.stillHolds(exchange)
    skippedMs = hour
    assert.equal(await holds(), true)
    await revoke('token', 'token-1')
    assert.equal(await holds(), false)
  })

  test('is looked up each time while the change log cannot be read, and refused where that fails too', async () => {
    const route = await createRoute()
    const token = await issuer.sign()
    await route.sendToken(token)
    epoch.readable = false
    assert.equal((await route.sendToken(token)).status, 200)
    assert.equal(reads, 2)
    renameSync(store.path, `${store.path}.gone`)
    await new Promise((resolve) => setTimeout(resolve, 150))
    const refused = await route.sendToken(token)
    assert.deepEqual([refused.status, refused.code], [503, 'dependency_down'])
    assert.equal(refused.headers.get('retry-after'), '5')
    renameSync(`${store.path}.gone`, store.path)
    assert.equal((await route.sendToken(token)).status, 200)
  })

  test('serves while only the store is gone, until something changes', async () => {
    const route = await createRoute()
    const token = await issuer.sign()
    await route.sendToken(token)
    renameSync(store.path, `${store.path}.gone`)
    await new Promise((resolve) => setTimeout(resolve, 150))
    assert.equal((await route.sendToken(token)).status, 200)
    epoch.value++
    assert.equal((await route.sendToken(token)).code, 'dependency_down')
    renameSync(`${store.path}.gone`, store.path)
  })
})

describe('a token that is not cached', () => {
  test('is refused when it was revoked before, and is not looked up twice', async () => {
    const route = await createRoute()
    await revoke('session', 'session-1')
    const token = await issuer.sign({ sid: 'session-1' })
    assert.equal((await route.sendToken(token)).code, 'token_revoked')
    assert.equal((await route.sendToken(token)).code, 'token_revoked')
    assert.deepEqual([reads, route.misses()], [1, 1])
  })

  test('is refused with 503 while the store cannot be read', async () => {
    const route = await createRoute()
    const token = await issuer.sign()
    renameSync(store.path, `${store.path}.gone`)
    const refused = await route.sendToken(token)
    assert.deepEqual([refused.status, refused.code], [503, 'dependency_down'])
    renameSync(`${store.path}.gone`, store.path)
    assert.equal((await route.sendToken(token)).status, 200)
  })

  test('costs no look-up before its signature holds', async () => {
    const route = await createRoute()
    await route.sendToken(await issuer.sign({}, {}, createTestKey('ES256', 'unknown')))
    assert.equal(reads, 0)
  })

  test('without a `jti` does not come back with another signature of the same content', async () => {
    const route = await createRoute()
    const token = await issuer.sign()
    const twin = withTwinSignature(token)
    const id = (await route.sendToken(token)).exchange.principal?.credential.id ?? ''
    assert.equal((await route.sendToken(twin)).status, 200)
    await revoke('token', id)
    assert.equal((await route.sendToken(token)).code, 'token_revoked')
    assert.equal((await route.sendToken(twin)).code, 'token_revoked')
  })

  test('without a `jti` is revoked by the id that stands in the log', async () => {
    const route = await createRoute()
    const token = await issuer.sign()
    const { exchange } = await route.sendToken(token)
    await revoke('token', exchange.principal?.credential.id ?? assert.fail())
    assert.equal((await route.sendToken(token)).code, 'token_revoked')
  })
})

describe('a subject that was revoked', () => {
  test('gets in again with what it is given afterwards, once clocks cannot be the reason', async () => {
    const route = await createRoute()
    await revoke('subject', 'customer-1')
    const verdict = async (iat: number | undefined) => (await route.sendToken(await issuer.sign({ iat }))).code
    assert.equal(await verdict(secondsFromNow(-60)), 'token_revoked')
    assert.equal(await verdict(undefined), 'token_revoked')
    // The issuer's clock may be ahead by `clockTolerance`, and so the token be older than it says.
    assert.equal(await verdict(secondsFromNow(25)), 'token_revoked')
    await store.revocations.revoke({
      ...{ issuer: issuer.url, kind: 'subject', value: 'customer-2', reason: null },
      ...{ revokedAt: Date.now() - hour, issuedUntil: Date.now() - hour, endsAt: Date.now() + hour },
    })
    const later = await issuer.sign({ sub: 'customer-2' })
    assert.equal((await route.sendToken(later)).status, 200)
  })
})

describe('a store that answers later', () => {
  test('is waited for, and whoever it fails is refused', async () => {
    const answers: (RevokedKind | null | Error)[] = [null, 'token', new Error('gone')]
    const route = await createRoute(async (_: RevocableToken) => {
      await new Promise((resolve) => setTimeout(resolve, 5))
      const answer = answers.shift() ?? null
      if (answer instanceof Error) throw answer
      return answer
    })
    const codes = []
    for (const jti of ['a', 'b', 'c', 'd']) codes.push((await route.sendToken(await issuer.sign({ jti }))).code)
    assert.deepEqual(codes, [null, 'token_revoked', 'dependency_down', null])
  })

  test('revokes a token that was looked up while it changed', async () => {
    let release = () => {}
    const held = new Promise<void>((resolve) => {
      release = resolve
    })
    let first = true
    const route = await createRoute(async (token) => {
      const found = await reader.revocations.find(token)
      if (first) await held
      first = false
      return found
    })
    const token = await issuer.sign({ jti: 'token-1' })
    const slow = route.sendToken(token)
    await new Promise((resolve) => setTimeout(resolve, 50))
    await revoke('token', 'token-1')
    release()
    await slow
    assert.equal((await route.sendToken(token)).code, 'token_revoked')
  })
})

describe('what is open on a token', () => {
  test('goes on though nobody has needed the keys for long, and ends when the issuer has taken back the one', async () => {
    const own = await createTestIssuer(createTestKey())
    let skippedMs = 0
    const route = await createJwtRoute({
      issuers: { main: toIssuerOptions(own, { keysMaxAge: '1m', refreshCooldown: '1s' }) },
      now: () => Date.now() + skippedMs,
    })
    close.push(
      () => route.close(),
      () => own.close(),
    )
    const { exchange } = await route.sendToken(await own.sign({ exp: secondsFromNow(3_600) }))
    skippedMs = 10 * 60_000
    assert.equal(await route.pipeline.pipeline.stillHolds(exchange), true)
    own.publish(createTestKey())
    skippedMs = 20 * 60_000
    assert.equal(await route.pipeline.pipeline.stillHolds(exchange), false)
  })
})
