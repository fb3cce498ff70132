import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { gzipSync } from 'node:zlib'
import { createApiKey } from '../../src/crypto/api-key.ts'
import { blindIndex, decryptField, encryptField } from '../../src/crypto/index.ts'
import { loadPolicies } from '../../src/runtime/load-policies.ts'
import { type System, startSystem } from '../../src/runtime/system.ts'
import { openSqliteStore, type SqliteStore } from '../../src/stores/sqlite/sqlite-store.ts'
import { eventually } from '../support/eventually.ts'
import { createTestKeyRing, type TestKeyRing } from '../support/key-ring.ts'
import { startUpstreamServer, type TestUpstreamServer } from '../support/upstream-server.ts'

const card = '4111 1111 1111 1111'
const masterKey = randomBytes(32).toString('base64')
let folder: string
let store: SqliteStore
let ring: TestKeyRing
let upstream: TestUpstreamServer
let system: System
let url: string
let staff: string
let other: string
/** What the upstream answers with. */
let stored: { body: string | Buffer; headers: Record<string, string>; status: number }

const json = { 'content-type': 'application/json' }

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'encrypt-fields-'))
  await writeFile(join(folder, 'master.key'), masterKey)
  store = await openSqliteStore({ path: join(folder, 'portcullis.db') })
  ring = await createTestKeyRing(store, masterKey)
  staff = await issue(['support'])
  other = await issue([])
  upstream = await startUpstreamServer((request, response, body) => {
    if (request.method !== 'GET') stored = { body, headers: json, status: 200 }
    response.writeHead(stored.status, stored.headers).end(stored.body)
  })
  const policy = `authenticate: [apiKey]
    encryptFields:
      context: customers
      fields:
        card: { at: [/card, /cards/*/number], blindIndex: cardIndex, hide: last4 }
        notes: { at: [/notes], hide: remove }
        pin: { at: [/pin] }
      reveal: { roles: [support] }`
  const file = join(folder, 'portcullis.yaml')
  await writeFile(
    file,
    `version: 1
listen: { http: { host: 127.0.0.1, port: 0, serve: true, reason: a test on loopback } }
server: { workers: 1 }
log: { to: { file: portcullis.log } }
data: sqlite:portcullis.db
secrets: { master: { key: file:master.key } }
upstreams: { shop: { targets: ['${upstream.url}'] } }
routes:
  - path: /plain
    upstream: shop
    authenticate: [apiKey]
  - path: /customers
    upstream: shop
    logBodies: { request: true, response: true, reason: a test }
    ${policy.replace('/cards/*/number], blindIndex: cardIndex', '/cards/*/number]')}
  - path: /indexed
    upstream: shop
    ${policy}
`,
  )
  system = await startSystem({ load: () => loadPolicies(file), watched: [] })
  url = system.listeners[0]?.url as string
})

after(async () => {
  await system?.stop(200)
  store?.close()
  await upstream?.close()
  await rm(folder, { recursive: true })
})

async function issue(roles: string[]): Promise<string> {
  const { id, text, digest } = createApiKey()
  const nothing = { name: null, tenant: null, scopes: [], cidrs: [], expiresAt: null }
  await store.keys.create({ ...nothing, id, digest, owner: 'shop', roles, createdAt: Date.now() })
  return text
}

async function send(path: string, key: string, body?: string | Buffer, headers: Record<string, string> = json) {
  const response = await fetch(new URL(path, url), {
    method: body === undefined ? 'GET' : 'POST',
    headers: { 'x-api-key': key, ...headers },
    ...(body !== undefined && { body }),
  })
  const text = await response.text()
  return { status: response.status, text, headers: response.headers }
}

async function answer(key: string, body: string | Buffer, headers: Record<string, string> = json) {
  stored = { body, headers, status: 200 }
  return send('/customers', key)
}

const received = () => upstream.seen.at(-1)?.body.toString() ?? ''

test('without the policy, the upstream gets the value as it is', async () => {
  await send('/plain', staff, JSON.stringify({ card }))
  assert.match(received(), /4111/)
})

test('the upstream gets ciphertexts, the caller who may gets the values, and all else stays byte by byte', async () => {
  const body = `{ "z" : 1.000, "big": 12345678901234567890123,\n"card": "${card}", "pin": 12.50, "a": [1e400] }`
  const { status, text, headers } = await send('/customers', staff, body)
  assert.equal(status, 200)
  assert.equal(text, body)
  assert.equal(headers.get('cache-control'), 'private, no-store')
  const [seen, fields] = [received(), upstream.seen.at(-1)?.rawHeaders ?? []]
  assert.doesNotMatch(seen, /4111|12\.50/)
  assert.equal(seen.replace(/"pce1[^"]*"/, `"${card}"`).replace(/"pce1[^"]*"/, '12.50'), body)
  assert.equal(fields[fields.findIndex((name) => name.toLowerCase() === 'content-length') + 1], String(seen.length))
})

test('others see a mask, four characters or nothing', async () => {
  const body = JSON.stringify({
    card,
    notes: { vip: true },
    pin: '1234',
    cards: [{ number: card }, { number: 'short' }],
  })
  const { text } = await send('/customers', other, body)
  assert.deepEqual(JSON.parse(text), {
    card: '••••1111',
    pin: '••••',
    cards: [{ number: '••••1111' }, { number: '••••' }],
  })
  assert.equal((await send('/customers', staff)).text, body)
})

test('values of every type come back as they were', async () => {
  for (const value of ['1e2', '-0', '12345678901234567890', 'null', 'true', '{"a":[1,{"b":"x"}]}', '""']) {
    const body = `{"card":${value}}`
    assert.equal((await send('/customers', staff, body)).text, body, value)
    assert.match(received(), /"pce1/)
  }
  // Half a character is none that every reader takes for the same.
  assert.equal((await send('/customers', staff, '{"card":"\\ud800"}')).status, 400)
})

test('an application reads with the ring, and finds by the index', async () => {
  await send('/indexed', staff, JSON.stringify({ card }))
  const row = JSON.parse(received()) as { card: string; cardIndex: string }
  const keys = await ring.open()
  assert.equal(decryptField(keys, row.card, ['customers', 'card']), card)
  assert.equal(row.cardIndex, blindIndex(keys, card, ['customers', 'card']))
  assert.equal((await send('/indexed', staff)).text, JSON.stringify({ card }))
  assert.equal((await send('/indexed', staff, '{"card":"1","cardIndex":"chosen"}')).status, 422)
})

test('a rotation stops nothing: what is old is read, what is new is under the new key', async () => {
  await send('/customers', staff, JSON.stringify({ card }))
  const before = received()
  await ring.rotate()
  const active = (await ring.open()).activeId
  // At once, before the change log was read: a key that the thread does not know.
  const fresh = JSON.stringify({ card: encryptField(await ring.open(), card, ['customers', 'card']) })
  assert.equal((await answer(staff, fresh)).text, JSON.stringify({ card }))
  assert.equal((await answer(staff, before)).text, JSON.stringify({ card }))
  await eventually('the new key encrypts', async () => {
    await send('/customers', staff, JSON.stringify({ card }))
    return received().includes(`pce1.${active}.`)
  })
})

describe('ciphertexts that are not where they belong', () => {
  test('a client cannot send one, however it is written and wherever it stands', async () => {
    const text = encryptField(await ring.open(), card, ['customers', 'card'])
    const before = upstream.seen.length
    for (const body of [
      JSON.stringify({ card: text }),
      JSON.stringify({ name: text }),
      JSON.stringify({ card: ` ${text}` }),
      JSON.stringify({ notes: { deep: [text] } }),
      `{"card":"\\u0070ce1${text.slice(4)}"}`,
    ]) {
      assert.equal((await send('/customers', staff, body)).status, 422)
    }
    assert.equal(upstream.seen.length, before)
  })

  test('moved to another field or context, or changed, it stays hidden from everyone', async () => {
    const keys = await ring.open()
    const good = encryptField(keys, card, ['customers', 'card'])
    const foreign = [
      encryptField(keys, card, ['customers', 'pin']),
      encryptField(keys, card, ['orders', 'card']),
      `${good.slice(0, -2)}${good.endsWith('AA') ? 'BB' : 'AA'}`,
      `pce1.Unknown00001.${good.slice(18)}`,
      card,
    ]
    for (const value of foreign) {
      const { status, text } = await answer(staff, JSON.stringify({ card: value }))
      assert.deepEqual([status, text], [200, '{"card":"••••"}'])
    }
  })

  test('replayed within the same field it is read: the context holds no record', async () => {
    const moved = encryptField(await ring.open(), card, ['customers', 'card'])
    assert.equal((await answer(staff, JSON.stringify({ id: 2, card: moved }))).text, JSON.stringify({ id: 2, card }))
  })
})

describe('bodies that two programs may read differently', () => {
  test('in requests they are refused', async () => {
    const before = upstream.seen.length
    const deep = `${'['.repeat(80)}${']'.repeat(80)}`
    for (const [body, status] of [
      [`{"card":"${card}","card":"1"}`, 400],
      [`{"card":"1","\\u0063ard":"${card}"}`, 400],
      [`{"card":"${card}"`, 400],
      [`\ufeff{"card":"${card}"}`, 400],
      [`{"card":"${card}","x":${deep}}`, 400],
      [`{"cards":[${Array.from({ length: 1001 }, () => '{"number":"1"}').join()}]}`, 413],
    ] as const) {
      assert.equal((await send('/customers', staff, body)).status, status, body.slice(0, 60))
    }
    const gzip = { ...json, 'content-encoding': 'gzip' }
    assert.equal((await send('/customers', staff, gzipSync(`{"card":"${card}"}`), gzip)).status, 415)
    assert.equal((await send('/customers', staff, `card=${card}`, { 'content-type': 'text/plain' })).status, 415)
    assert.equal(
      (await send('/customers', staff, '{}', { 'content-type': 'application/json; charset=utf-16' })).status,
      415,
    )
    assert.equal(upstream.seen.length, before)
  })

  test('a name written with escapes is the same name', async () => {
    await send('/customers', staff, `{"c\\u0061rd":"${card}"}`)
    assert.match(received(), /^\{"c\\u0061rd":"pce1/)
  })

  test('in answers they do not come through', async () => {
    for (const [body, headers] of [
      ['{"card":"1","card":"2"}', json],
      ['{"card":', json],
      [Buffer.from([0x7b, 0xff, 0x7d]), json],
      [gzipSync('{}'), { ...json, 'content-encoding': 'gzip' }],
      ['card=1', { 'content-type': 'text/plain' }],
    ] as const) {
      assert.equal((await answer(staff, body, headers)).status, 502)
    }
  })
})

test('an answer without a body stays without one', async () => {
  stored = { body: '', headers: {}, status: 204 }
  assert.equal((await send('/customers', staff)).status, 204)
})

test('the log never shows what is encrypted, though bodies are recorded', async () => {
  const secret = 'Marmalade-7'
  await send('/customers', staff, JSON.stringify({ pin: secret, shown: 'Tangerine-7' }))
  let log = ''
  await eventually('both bodies are logged', async () => {
    log = await readFile(join(folder, 'portcullis.log'), 'utf8')
    return log.split('Tangerine-7').length > 2
  })
  assert.ok(!log.includes(secret) && !log.includes('4111 1111'))
})

test('a WebSocket, in which nothing could be encrypted, is refused', async () => {
  const { status } = await new Promise<{ status: number }>((resolve, reject) => {
    const upgrade = {
      connection: 'upgrade',
      upgrade: 'websocket',
      'sec-websocket-version': '13',
      'sec-websocket-key': randomBytes(16).toString('base64'),
    }
    const asked = request(new URL('/customers', url), { headers: { 'x-api-key': staff, ...upgrade } })
    asked.on('response', (response) => resolve({ status: response.resume().statusCode ?? 0 }))
    asked.on('upgrade', (_response, socket) => {
      socket.destroy()
      resolve({ status: 101 })
    })
    asked.on('error', reject).end()
  })
  assert.equal(status, 400)
})

test('the upstream is asked for the whole document, as it is', async () => {
  await send('/customers', staff, undefined, {
    'accept-encoding': 'gzip',
    range: 'bytes=0-3',
    'if-none-match': '"a"',
    accept_encoding: 'br',
  })
  const fields = (upstream.seen.at(-1)?.rawHeaders ?? []).map((field) => field.toLowerCase())
  assert.equal(fields[fields.indexOf('accept-encoding') + 1], 'identity')
  for (const name of ['range', 'if-none-match', 'accept_encoding']) assert.ok(!fields.includes(name), name)
})
