import assert from 'node:assert/strict'
import { renameSync } from 'node:fs'
import { after, before, beforeEach, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { bearer, openTestKeys, start } from '../../../test/support/api-keys.ts'
import { createTestExchange, runTestExchange } from '../../../test/support/exchange.ts'
import { createApiKey } from '../../crypto/api-key.ts'
import { keyLookupPort } from '../../stores/ports/key-store.ts'

let keys: Awaited<ReturnType<typeof openTestKeys>>

before(async () => {
  keys = await openTestKeys()
})

beforeEach(() => {
  keys.state.clock = start
  keys.state.reads = 0
  keys.epoch.touch()
})

after(() => keys.close())

test('a known key costs no read until its lifetime ends, and none lives past its expiry', async () => {
  const { text } = await keys.issue({ expiresAt: start + 45_000 })
  const pipeline = await keys.createRoute()
  for (let i = 0; i < 5; i++) assert.ok((await runTestExchange({ pipeline, headers: bearer(text) })).forwarded)
  assert.equal(keys.state.reads, 1)
  keys.state.clock += 30_000
  assert.ok((await runTestExchange({ pipeline, headers: bearer(text) })).forwarded)
  assert.equal(keys.state.reads, 2)
  keys.state.clock = start + 44_999
  assert.ok((await runTestExchange({ pipeline, headers: bearer(text) })).forwarded)
  keys.state.clock = start + 45_000
  assert.equal((await runTestExchange({ pipeline, headers: bearer(text) })).code, 'api_key_expired')
  assert.equal(keys.state.reads, 2)
})

test('with a lifetime of 0s every request asks the store', async () => {
  const { text } = await keys.issue()
  const pipeline = await keys.createRoute({ cacheLifetime: '0s' })
  for (let i = 0; i < 3; i++) assert.ok((await runTestExchange({ pipeline, headers: bearer(text) })).forwarded)
  assert.equal(keys.state.reads, 3)
})

test('garbage never reaches the store, and guesses at one id hardly ever', async () => {
  const { id } = await keys.issue()
  const pipeline = await keys.createRoute()
  const guess = (text: string) => runTestExchange({ pipeline, headers: bearer(text) })
  for (let i = 0; i < 50; i++) await guess(`pck_${String(i).padStart(12, '0')}_${'a'.repeat(49)}`)
  assert.equal(keys.state.reads, 0)
  const nobody = createApiKey()
  for (let i = 0; i < 50; i++) assert.equal((await guess(createApiKey(id).text)).code, 'api_key_unknown')
  for (let i = 0; i < 50; i++) assert.equal((await guess(createApiKey(nobody.id).text)).code, 'api_key_unknown')
  assert.equal(keys.state.reads, 2)
  keys.state.clock += 100
  for (let i = 0; i < 50; i++) await guess(createApiKey(id).text)
  assert.equal(keys.state.reads, 3)
})

test('guesses at ids that do not exist drive no good key out of the cache, which stays bounded', async () => {
  const { text } = await keys.issue()
  const pipeline = await keys.createRoute()
  await runTestExchange({ pipeline, headers: bearer(text) })
  for (let i = 0; i < 25_000; i++) {
    // On a slow machine this takes longer than answers may be used without a look at the change log.
    if (i % 1000 === 0) keys.epoch.touch()
    await runTestExchange({ pipeline, headers: bearer(createApiKey().text) })
  }
  assert.equal(keys.state.reads, 25_001)
  assert.ok((await runTestExchange({ pipeline, headers: bearer(text) })).forwarded)
  assert.equal(keys.state.reads, 25_001)
  assert.ok((pipeline.gauges.get('portcullis_api_key_cached')?.() ?? Infinity) <= 40_000)
})

test('a revocation ends a cached key as soon as the epoch moves', async () => {
  const { id, text } = await keys.issue()
  const pipeline = await keys.createRoute()
  assert.ok((await runTestExchange({ pipeline, headers: bearer(text) })).forwarded)
  await keys.store.revoke(id, keys.state.clock)
  assert.ok(
    (await runTestExchange({ pipeline, headers: bearer(text) })).forwarded,
    'cached, and nobody has said so yet',
  )
  keys.epoch.advance()
  assert.equal((await runTestExchange({ pipeline, headers: bearer(text) })).code, 'api_key_revoked')
})

test('after a rotation both secrets hold until the overlap ends, the new one even before the epoch moves', async () => {
  const { id, text } = await keys.issue()
  const pipeline = await keys.createRoute()
  const code = async (key: string) => (await runTestExchange({ pipeline, headers: bearer(key) })).code
  assert.equal(await code(text), null)
  const next = createApiKey(id)
  await keys.store.rotate({ id, digest: next.digest, now: keys.state.clock, overlapUntil: keys.state.clock + 60_000 })
  keys.state.clock += 100
  assert.equal(await code(next.text), null)
  keys.epoch.advance()
  assert.equal(await code(text), null)
  keys.state.clock = start + 59_999
  assert.equal(await code(text), null)
  keys.state.clock = start + 60_000
  assert.equal(await code(text), 'api_key_expired')
  assert.equal(await code(next.text), null)
})

test('while the log of changes cannot be read nothing cached is believed', async (t) => {
  const { id, text } = await keys.issue()
  const pipeline = await keys.createRoute()
  assert.ok((await runTestExchange({ pipeline, headers: bearer(text) })).forwarded)
  await keys.store.revoke(id, keys.state.clock)
  const [seconds, nanoseconds] = process.hrtime()
  t.mock.method(process, 'hrtime', () => [seconds + 11, nanoseconds] as [number, number])
  assert.equal((await runTestExchange({ pipeline, headers: bearer(text) })).code, 'api_key_revoked')
})

test('without the store everybody is refused, it is said once, and it works again without a restart', async (t) => {
  const { text } = await keys.issue()
  const pipeline = await keys.createRoute()
  assert.ok((await runTestExchange({ pipeline, headers: bearer(text) })).forwarded)
  for (const suffix of ['', '-wal', '-shm']) renameSync(keys.path + suffix, `${keys.path}.away${suffix}`)
  await sleep(150)
  const stranger = createApiKey().text
  for (let i = 0; i < 3; i++) {
    const result = await runTestExchange({ pipeline, headers: bearer(stranger) })
    assert.equal(result.code, 'dependency_down')
    assert.equal(result.status, 503)
    assert.equal(result.forwarded, false)
    assert.equal(result.headers.get('retry-after'), '1')
    assert.doesNotMatch(result.body, /portcullis|missing|sqlite/i)
  }
  const [seconds, nanoseconds] = process.hrtime()
  const hang = t.mock.method(process, 'hrtime', () => [seconds + 11, nanoseconds] as [number, number])
  assert.equal((await runTestExchange({ pipeline, headers: bearer(text) })).code, 'dependency_down')
  hang.mock.restore()
  assert.deepEqual(
    pipeline.log.map(({ level, event }) => `${level} ${event}`),
    ['error api_key_store_down'],
  )
  assert.match(String(pipeline.log[0]?.fields.reason), /missing/)
  assert.equal(pipeline.counters.get('portcullis_api_key_store_failures_total'), 4)
  for (const suffix of ['', '-wal', '-shm']) renameSync(`${keys.path}.away${suffix}`, keys.path + suffix)
  keys.epoch.advance()
  assert.ok((await runTestExchange({ pipeline, headers: bearer(text) })).forwarded)
  assert.equal(pipeline.log.at(-1)?.event, 'api_key_store_recovered')
})

test('a store that answers later is waited for, and refuses when it fails', async () => {
  const { text } = await keys.issue()
  let broken = false
  const lookup = {
    async find(id: string) {
      if (broken) throw new Error('connection lost')
      return keys.store.find(id)
    },
  }
  const pipeline = await keys.createRoute({}, [[keyLookupPort, lookup]])
  assert.ok((await runTestExchange({ pipeline, headers: bearer(text) })).forwarded)
  const stranger = createApiKey().text
  assert.equal((await runTestExchange({ pipeline, headers: bearer(stranger) })).code, 'api_key_unknown')
  broken = true
  assert.ok((await runTestExchange({ pipeline, headers: bearer(text) })).forwarded)
  keys.state.clock += 200
  assert.equal((await runTestExchange({ pipeline, headers: bearer(stranger) })).code, 'dependency_down')
  assert.equal((await runTestExchange({ pipeline, headers: bearer(createApiKey().text) })).code, 'dependency_down')
})

test('hits and misses decide without a promise', async () => {
  const { text } = await keys.issue()
  const { hooks, route } = await keys.createRoute()
  assert.ok(hooks[0]?.identify)
  for (const key of [text, text, createApiKey().text]) {
    const { exchange } = await createTestExchange({ route, headers: bearer(key) })
    assert.ok(!(hooks[0].identify(exchange) instanceof Promise))
  }
})

test('uses are handed on together, once a minute for each key', async () => {
  const [one, two] = [await keys.issue(), await keys.issue()]
  const pipeline = await keys.createRoute()
  for (let i = 0; i < 3; i++) {
    for (const { text } of [one, two]) await runTestExchange({ pipeline, headers: bearer(text) })
  }
  const used = () => keys.used.filter(({ id }) => id === one.id || id === two.id)
  assert.deepEqual(used(), [])
  pipeline.dispose()
  assert.deepEqual(used(), [
    { id: one.id, at: start },
    { id: two.id, at: start },
  ])
  keys.state.clock += 20_000
  await runTestExchange({ pipeline, headers: bearer(one.text) })
  keys.state.clock += 40_000
  await runTestExchange({ pipeline, headers: bearer(one.text) })
  const deadline = Date.now() + 5000
  while (used().length < 3 && Date.now() < deadline) await sleep(20)
  assert.deepEqual(used().slice(2), [{ id: one.id, at: start + 60_000 }])
})

test('refused keys count as not used', async () => {
  const { id, text } = await keys.issue({ expiresAt: start - 1 })
  const pipeline = await keys.createRoute()
  await runTestExchange({ pipeline, headers: bearer(text) })
  pipeline.dispose()
  assert.equal(
    keys.used.some((use) => use.id === id),
    false,
  )
})

test('a key that was sent a moment ago is judged anew in all but its text', async () => {
  const { id, text } = await keys.issue()
  const pipeline = await keys.createRoute()
  const code = async (key: string) => (await runTestExchange({ pipeline, headers: bearer(key) })).code
  for (let i = 0; i < 3; i++) assert.equal(await code(text), null)
  // The secret is replaced at once: what the text came to before must not save it.
  const next = createApiKey(id)
  await keys.store.rotate({ id, digest: next.digest, now: keys.state.clock, overlapUntil: keys.state.clock })
  keys.epoch.advance()
  keys.state.clock += 1
  assert.notEqual(await code(text), null)
  assert.equal(await code(next.text), null)
  await keys.store.revoke(id, keys.state.clock)
  keys.epoch.advance()
  assert.equal(await code(next.text), 'api_key_revoked')
})
