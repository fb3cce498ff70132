import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { type PolicyLog, silentLog } from '../../core/telemetry.ts'
import { createKeyRing } from '../../crypto/ring/key-ring.ts'
import { createSigningKeyLookup, createSigningKeyStore } from '../../stores/signing-key-store.ts'
import { openSqliteReader } from '../../stores/sqlite/sqlite-reader.ts'
import { openSqliteStore } from '../../stores/sqlite/sqlite-store.ts'
import { SigningKeys, type SigningKeysOptions } from './signing-keys.ts'

const folder = mkdtempSync(join(tmpdir(), 'portcullis-signing-keys-'))
const opened: { close(): unknown }[] = []
let count = 0
after(async () => {
  for (const one of opened) await one.close()
  rmSync(folder, { recursive: true })
})

const day = 24 * 3_600_000
const ring = createKeyRing([
  { id: 'Key000000001', role: 'active', secret: randomBytes(32) },
  { id: 'Index0000001', role: 'index', secret: randomBytes(32) },
])

async function open() {
  const path = join(folder, `${count++}.db`)
  const store = await openSqliteStore({ path })
  const reader = openSqliteReader({ path })
  opened.push(store, reader)
  const clock = { at: 1_800_000_000_000 }
  const options: SigningKeysOptions = {
    store: createSigningKeyStore(store.db),
    lookup: createSigningKeyLookup(reader.db, reader.read),
    ring: { current: () => ring, withKey: () => ring },
    epoch: () => 0,
    now: () => clock.at,
    log: silentLog as PolicyLog,
    rotateEvery: 90 * day,
    overlap: 7 * day,
  }
  return { path, clock, options }
}

const ids = (keys: readonly { kid?: string }[]) => keys.map(({ kid }) => kid)

test('several that start at the same time agree on one key, of which the file holds nothing private', async () => {
  const { path, options } = await open()
  const all = await Promise.all([1, 2, 3].map(async () => new SigningKeys(options).current()))
  assert.equal(new Set(all.map((keys) => keys[0]?.kid)).size, 1)
  const [key] = all[0] ?? []
  assert.equal(key?.alg, 'ES256')
  const bytes = ['', '-wal'].map((end) => readFileSync(path + end, 'latin1')).join('')
  assert.ok(bytes.includes(key?.x as string))
  assert.ok(!bytes.includes(key?.d as string))
})

test('a key is followed by another, published before it signs and after it did', async () => {
  const { clock, options } = await open()
  const [one, two] = [new SigningKeys(options), new SigningKeys(options)]
  const [first] = ids(await one.current())
  clock.at += 89 * day
  const ahead = ids(await one.current())
  assert.equal(ahead[0], first)
  assert.equal(ahead.length, 2)
  assert.deepEqual(ids(await two.current()), ahead)
  clock.at += day
  assert.deepEqual(ids(await two.current()), ahead.toReversed())
  clock.at += 7 * day
  assert.deepEqual(ids(await one.current()), [ahead[1]])
  assert.equal((await options.lookup.list()).length, 1)
})

test('the same keys are the same object, so that nothing is made anew for them', async () => {
  const { clock, options } = await open()
  const keys = new SigningKeys(options)
  const before = await keys.current()
  clock.at += 5 * 60_000
  assert.equal(await keys.current(), before)
})

test('while the store is away, what is known goes on to sign; who knows nothing signs nothing', async () => {
  const { clock, options } = await open()
  const down = { list: () => Promise.reject(new Error('away')) }
  let lookup: SigningKeysOptions['lookup'] = options.lookup
  const keys = new SigningKeys({ ...options, lookup: { list: () => lookup.list() } })
  const before = await keys.current()
  lookup = down
  clock.at += 5 * 60_000
  assert.equal(await keys.current(), before)
  await assert.rejects(async () => new SigningKeys({ ...options, lookup: down }).current(), /away/)
})
