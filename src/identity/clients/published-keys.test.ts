import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { test } from 'node:test'
import { silentLog } from '../../core/telemetry.ts'
import type { ClientRecord } from '../../stores/ports/client-store.ts'
import { PublishedKeys } from './published-keys.ts'

const url = 'https://app.example.com/jwks.json'
const client = { id: 'app', settings: { keys: { url } } } as unknown as ClientRecord
const jwk = () => generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey.export({ format: 'jwk' })

function create() {
  const state = { now: 1_800_000_000_000, asked: 0, answer: async (): Promise<unknown> => ({ keys: [] }) }
  const outbound = {
    json: async () => {
      state.asked++
      return state.answer() as never
    },
  }
  return { state, keys: new PublishedKeys({ outbound, now: () => state.now, log: silentLog }) }
}

test('keys are fetched once for all who ask, and again after a minute: what was withdrawn is gone then', async () => {
  const { state, keys } = create()
  const [old, next] = [jwk(), jwk()]
  state.answer = async () => ({ keys: [old] })
  const all = await Promise.all(Array.from({ length: 5 }, () => keys.find(client, url)))
  for (const found of all) assert.deepEqual(found, [old])
  assert.equal(state.asked, 1)
  state.answer = async () => ({ keys: [next] })
  assert.deepEqual(await keys.find(client, url), [old])
  state.now += 60_000
  assert.deepEqual(await keys.find(client, url), [next])
  assert.equal(state.asked, 2)
})

test('an address that fails is asked every ten seconds at most; keys of before hold for an hour', async () => {
  const { state, keys } = create()
  const known = jwk()
  state.answer = async () => ({ keys: [known] })
  await keys.find(client, url)
  state.answer = () => Promise.reject(new Error('away'))
  state.now += 120_000
  for (let i = 0; i < 5; i++) assert.deepEqual(await keys.find(client, url), [known])
  assert.equal(state.asked, 2)
  state.now += 10_000
  await keys.find(client, url)
  assert.equal(state.asked, 3)
  state.now += 3_600_000
  assert.deepEqual(await keys.find(client, url), [])
})

test('a clock that is set back makes no key young again', async () => {
  const { state, keys } = create()
  state.answer = async () => ({ keys: [jwk()] })
  await keys.find(client, url)
  state.now -= 1000
  state.answer = () => Promise.reject(new Error('away'))
  assert.deepEqual(await keys.find(client, url), [])
})
