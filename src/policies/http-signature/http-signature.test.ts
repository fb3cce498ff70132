import assert from 'node:assert/strict'
import { type createPrivateKey, generateKeyPairSync, randomBytes, sign } from 'node:crypto'
import { test } from 'node:test'
import {
  createTestPipeline,
  parseTestOptions,
  runTestExchange,
  type TestRequest,
} from '../../../test/support/exchange.ts'
import { type SignWish, signRequest, testSecret } from '../../../test/support/http-signature.ts'
import { allocateRateMemory } from '../../stores/counters/rate-memory.ts'
import { createSharedRateTable } from '../../stores/counters/shared-rate-table.ts'
import { rateTable } from '../../stores/ports/rate-table.ts'
import { httpSignature } from './index.ts'
import type { HttpSignatureOptions } from './options.ts'

const key = { keyId: 'webhook', algorithm: 'hmac-sha256', secret: 'env:SECRET', id: 'billing', roles: ['sender'] }
const secrets = { 'env:SECRET': testSecret }
const start = 1_800_000_000_000

async function createRoute(options: Record<string, unknown> = {}, memory = allocateRateMemory(1024), moreSecrets = {}) {
  const state = { clock: start }
  const pipeline = await createTestPipeline(
    [{ policy: httpSignature, options: { keys: [key], ...options } }],
    { authenticated: true },
    {
      secrets: { ...secrets, ...moreSecrets },
      ports: [[rateTable, createSharedRateTable(memory)]],
      now: () => state.clock,
    },
  )
  const call = (wish: SignWish = {}, request: TestRequest = {}) => {
    const url = new URL(wish.url ?? 'https://api.example.com/orders')
    const headers = signRequest({
      created: start / 1000,
      parameters: `;nonce="${randomBytes(9).toString('hex')}"`,
      ...wish,
    })
    const body = wish.body ?? null
    return runTestExchange({
      pipeline,
      method: wish.method ?? 'GET',
      path: url.pathname,
      query: url.search.slice(1),
      headers,
      ...(body !== null && { body }),
      ...request,
    })
  }
  return { pipeline, state, call }
}

test('a signed request identifies its caller; the signature goes no further', async () => {
  const { call } = await createRoute()
  const { exchange, forwarded } = await call({ url: 'https://api.example.com/orders?a=1' })
  assert.ok(forwarded)
  assert.deepEqual(
    [exchange.principal?.id, exchange.principal?.roles, exchange.principal?.credential],
    ['billing', ['sender'], { policy: 'http-signature', id: 'webhook' }],
  )
  assert.equal(exchange.headers.has('signature') || exchange.headers.has('signature-input'), false)
})

test('a body is signed by its digest, and forwarded as it was signed', async () => {
  const { call } = await createRoute()
  const body = '{"amount":100}'
  const { forwarded, forwardedBody } = await call({ method: 'POST', body })
  assert.ok(forwarded)
  assert.equal(String(forwardedBody), body)
  const other = await call({ method: 'POST', body }, { body: '{"amount":999}' })
  assert.deepEqual([other.code, other.forwarded], ['http_signature_digest', false])
  const uncovered = await call({ method: 'POST', components: ['@method', '@target-uri'] }, { body })
  assert.equal(uncovered.code, 'http_signature_incomplete')
  const chunked = await call({ method: 'POST', body }, { body: [Buffer.from('{"amount"'), Buffer.from(':100}')] })
  assert.ok(chunked.forwarded)
  const long = await (await createRoute({ maxBody: '1KiB' })).call({ method: 'POST', body: 'x'.repeat(2000) })
  assert.equal(long.status, 413)
  const emptied = await call({ method: 'POST', body: 'x' }, { body: '' })
  assert.equal(emptied.code, 'http_signature_digest')
})

test('what was changed on the way is refused, and would pass without the policy', async () => {
  const { call } = await createRoute()
  const changes: TestRequest[] = [
    { method: 'DELETE' },
    { path: '/orders/2' },
    { query: 'admin=1' },
    { host: 'other.example.com' },
    { scheme: 'http' },
  ]
  for (const change of changes) {
    const { code, status } = await call({}, change)
    assert.deepEqual([code, status], ['http_signature_wrong', 401], JSON.stringify(change))
    assert.ok((await runTestExchange({ headers: signRequest(), ...change })).forwarded)
  }
  const headers = {
    ...signRequest({ created: start / 1000, headers: { 'x-id': '1' }, components: ['@method', '@target-uri', 'x-id'] }),
  }
  assert.equal((await call({}, { headers: { ...headers, 'x-id': '2' } })).code, 'http_signature_wrong')
  assert.equal((await call({}, { headers: [...Object.entries(headers), ['x-id', '1']] })).code, 'http_signature_wrong')
  assert.equal((await call({ secret: 'another secret of thirty-two bytes...' })).code, 'http_signature_wrong')
})

test('all refusals look the same to the caller', async () => {
  const { call } = await createRoute()
  const good = signRequest({ created: start / 1000 })
  const answers = [
    await call({}, { headers: {} }),
    await call({ secret: 'another secret of thirty-two bytes...' }),
    await call({ created: 1 }),
    await call({ keyId: 'nobody' }),
    await call({ components: [] }),
    await call({}, { headers: { ...good, signature: 'x' } }),
  ]
  const shown = answers.map(({ status, body, headers }) => JSON.stringify([status, body, headers.flat]))
  assert.equal(new Set(shown).size, 1, shown.join('\n'))
  assert.deepEqual(
    answers.map(({ code }) => code),
    [
      'credential_missing',
      'http_signature_wrong',
      'http_signature_time',
      'http_signature_unknown',
      'http_signature_incomplete',
      'http_signature_malformed',
    ],
  )
})

test('time: age, clock skew, expiry, and none at all', async () => {
  const { call } = await createRoute({ maxAge: '1m', clockSkew: '10s' })
  const now = start / 1000
  const cases: [number | null, string, string | null][] = [
    [now, '', null],
    [now - 70, '', null],
    [now - 71, '', 'http_signature_time'],
    [now + 10, '', null],
    [now + 11, '', 'http_signature_time'],
    [now - 30, `;expires=${now - 10}`, null],
    [now - 30, `;expires=${now - 11}`, 'http_signature_time'],
    [now, `;expires=${now - 1}`, 'http_signature_time'],
    [now, ';expires="soon"', 'http_signature_time'],
    [null, '', 'http_signature_time'],
    [null, ';created="1"', 'http_signature_time'],
    [-1, '', 'http_signature_time'],
  ]
  for (const [created, parameters, code] of cases) {
    assert.equal(
      (await call({ created, parameters: `${parameters};nonce="${randomBytes(6).toString('hex')}"` })).code,
      code,
      `${created}${parameters}`,
    )
  }
})

test('a request is taken once, on all threads, for as long as its signature holds', async () => {
  const memory = allocateRateMemory(1024)
  const [one, other] = [await createRoute({}, memory), await createRoute({}, memory)]
  const wish = { parameters: ';nonce="1"' }
  assert.ok((await one.call(wish)).forwarded)
  assert.equal((await one.call(wish)).code, 'http_signature_replayed')
  assert.equal((await other.call(wish)).code, 'http_signature_replayed')
  assert.ok((await other.call({ parameters: ';nonce="2"' })).forwarded)
  // One of fifty at once.
  const all = await Promise.all(Array.from({ length: 50 }, () => one.call({ parameters: ';nonce="3"' })))
  assert.equal(all.filter(({ forwarded }) => forwarded).length, 1)
  const lax = await createRoute({ replay: 'allow' })
  for (let i = 0; i < 2; i++) assert.ok((await lax.call(wish)).forwarded)
})

test('another good signature of the same content is a replay too', async () => {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const pem = publicKey.export({ format: 'pem', type: 'spki' })
  const keys = [{ keyId: 'webhook', algorithm: 'ecdsa-p256-sha256', publicKey: 'file:key.pem', id: 'billing' }]
  const { call } = await createRoute({ keys }, undefined, { 'file:key.pem': pem })
  const signing = (base: string) => sign('sha256', Buffer.from(base), { key: privateKey, dsaEncoding: 'ieee-p1363' })
  const wish = { parameters: '', sign: signing }
  const first = await call(wish)
  assert.ok(first.forwarded)
  assert.match(first.exchange.principal?.proofOfPossession ?? '', /^[\w-]{43}$/)
  // ECDSA signs with a new random number each time.
  assert.equal((await call(wish)).code, 'http_signature_replayed')
})

test('a full table takes nothing new', async () => {
  const { call } = await createRoute({}, allocateRateMemory(16))
  let refused = 0
  for (let i = 0; i < 200; i++) if (!(await call()).forwarded) refused++
  assert.ok(refused > 0)
})

test('a nonce can be required', async () => {
  const { call } = await createRoute({ nonce: 'required' })
  assert.ok((await call()).forwarded)
  for (const parameters of ['', ';nonce', ';nonce=1', `;nonce="${'x'.repeat(257)}"`]) {
    assert.equal((await call({ parameters })).code, 'http_signature_incomplete', parameters)
  }
})

test('what must be covered: parts that say the same, more than asked, and what is missing', async () => {
  const { call } = await createRoute()
  const enough = [
    ['@method', '@target-uri'],
    ['@method', '@authority', '@path', '@query'],
    ['@method', '@authority', '@request-target'],
    ['@target-uri', '@method', '@scheme'],
  ]
  for (const components of enough) assert.ok((await call({ components })).forwarded, components.join())
  const lacking = [['@method'], ['@target-uri'], ['@method', '@authority', '@path'], ['@method', '@path', '@query'], []]
  for (const components of lacking) {
    assert.equal((await call({ components })).code, 'http_signature_incomplete', components.join())
  }
  const all = ['@method', '@target-uri']
  for (const extra of [
    'x-absent',
    '@status',
    '@unknown',
    'X-Upper',
    '@method',
    'x-a";sf',
    'x-a";bs',
    '@query-param',
    'x-a";req',
  ]) {
    const wish = { headers: { 'x-a': '1' }, components: [...all, extra.replace('";', '";')] }
    const headers = signRequest({ created: start / 1000, ...wish })
    headers['signature-input'] = headers['signature-input']?.replace(/";(sf|bs|req)"/, '";$1') ?? ''
    assert.equal((await call({}, { headers })).code, 'http_signature_incomplete', extra)
  }
  const more = await createRoute({ components: ['@method', '@target-uri', 'x-tenant'] })
  assert.equal((await more.call()).code, 'http_signature_incomplete')
  const tenant = { headers: { 'x-tenant': 'a' }, components: [...all, 'x-tenant'] }
  assert.ok((await more.call(tenant)).forwarded)
})

test('one signature counts: others are told apart by key and tag, and two that would count are refused', async () => {
  const { call } = await createRoute({ keys: [key, { ...key, keyId: 'second', id: 'second' }] })
  const join = (...signed: Record<string, string>[]) => ({
    'signature-input': signed.map((one) => one['signature-input']).join(', '),
    signature: signed.map((one) => one.signature).join(', '),
  })
  const created = start / 1000
  const mine = signRequest({ created, parameters: ';nonce="a"' })
  const stranger = signRequest({ created, label: 'other', keyId: 'somebody' })
  const second = signRequest({ created, label: 'second', keyId: 'second' })
  const tagged = signRequest({ created, label: 'tagged', keyId: 'second', parameters: ';tag="api";nonce="b"' })
  const codeOf = async (headers: Record<string, string>, options?: Record<string, unknown>) =>
    (await (options === undefined ? call : (await createRoute(options)).call)({}, { headers })).code
  assert.equal(await codeOf(join(mine, stranger)), null)
  assert.equal(await codeOf(join(mine, second)), 'http_signature_ambiguous')
  assert.equal(await codeOf(join(stranger)), 'http_signature_unknown')
  assert.equal(await codeOf(join(tagged)), 'http_signature_unknown')
  const options = { keys: [{ ...key, keyId: 'second' }, key], tag: 'api' }
  assert.equal(await codeOf(join(mine, tagged), options), null)
  assert.equal(await codeOf(join(mine), options), 'http_signature_unknown')
  assert.equal(await codeOf(join(mine, mine)), 'http_signature_malformed')
})

test('fields that cannot be read, or do not belong together, are refused', async () => {
  const { call } = await createRoute()
  const good = signRequest({ created: start / 1000 })
  const { signature = '', 'signature-input': input = '' } = good
  const bad: Record<string, string>[] = [
    { signature },
    { 'signature-input': input },
    { 'signature-input': input, signature: signature.replace('sig=', 'gis=') },
    { 'signature-input': input, signature: 'sig=1' },
    { 'signature-input': input, signature: 'sig=("a")' },
    { 'signature-input': 'sig=1', signature },
    { 'signature-input': input, signature: `${signature}, ${'x'.repeat(20_000)}=1` },
    { 'signature-input': '(', signature },
  ]
  for (const headers of bad) {
    assert.equal((await call({}, { headers })).code, 'http_signature_malformed', JSON.stringify(headers).slice(0, 200))
  }
  const other = await call({ parameters: ';alg="rsa-v1_5-sha256"' })
  assert.equal(other.code, 'http_signature_wrong')
  assert.ok((await call({ parameters: ';alg="hmac-sha256";nonce="z"' })).forwarded)
})

test('every algorithm verifies with its own kind of key, from PEM and JWK, and no other is taken', async () => {
  const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const ed = generateKeyPairSync('ed25519')
  const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const kinds = [
    [
      'rsa-pss-sha512',
      rsa,
      (base: string) => sign('sha512', Buffer.from(base), { key: rsa.privateKey, padding: 6, saltLength: 64 }),
    ],
    ['rsa-v1_5-sha256', rsa, (base: string) => sign('sha256', Buffer.from(base), rsa.privateKey)],
    ['ed25519', ed, (base: string) => sign(null, Buffer.from(base), ed.privateKey)],
    [
      'ecdsa-p256-sha256',
      ec,
      (base: string) => sign('sha256', Buffer.from(base), { key: ec.privateKey, dsaEncoding: 'ieee-p1363' }),
    ],
  ] as const
  for (const [algorithm, { publicKey }, signing] of kinds) {
    const texts = [
      publicKey.export({ format: 'pem', type: 'spki' }),
      JSON.stringify(publicKey.export({ format: 'jwk' })),
    ]
    for (const text of texts) {
      const keys = [{ keyId: 'webhook', algorithm, publicKey: 'file:key', id: 'a' }]
      const { call } = await createRoute({ keys }, undefined, { 'file:key': text })
      assert.ok((await call({ sign: signing })).forwarded, algorithm)
      assert.equal((await call({ sign: () => randomBytes(64) })).code, 'http_signature_wrong')
      // The public key is no secret.
      assert.equal((await call({ secret: String(text) })).code, 'http_signature_wrong')
    }
  }
  const small = generateKeyPairSync('rsa', { modulusLength: 1024 })
  const p384 = generateKeyPairSync('ec', { namedCurve: 'P-384' })
  const pem = ({ publicKey }: { publicKey: ReturnType<typeof createPrivateKey> }) =>
    String(publicKey.export({ format: 'pem', type: 'spki' }))
  const wrong: [string, string, RegExp][] = [
    ['ed25519', pem(rsa), /"webhook": a key of type rsa is none for ed25519/],
    ['ecdsa-p256-sha256', pem(p384), /none for ecdsa/],
    ['rsa-pss-sha512', pem(small), /1024 bits/],
    ['ed25519', String(ed.privateKey.export({ format: 'pem', type: 'pkcs8' })), /private key/],
    ['ed25519', JSON.stringify(ed.privateKey.export({ format: 'jwk' })), /private/],
    ['ed25519', 'nonsense', /webhook/],
  ]
  for (const [algorithm, text, message] of wrong) {
    const keys = [{ keyId: 'webhook', algorithm, publicKey: 'file:key', id: 'a' }]
    await assert.rejects(createRoute({ keys }, undefined, { 'file:key': text }), message)
  }
  await assert.rejects(createRoute({}, undefined, { 'env:SECRET': 'short' }), /5 bytes/)
  const base64 = { ...key, secretEncoding: 'base64' }
  const encoded = await createRoute({ keys: [base64] }, undefined, {
    'env:SECRET': Buffer.from(testSecret).toString('base64'),
  })
  assert.ok((await encoded.call()).forwarded)
})

test('fails closed where replays cannot be told', async () => {
  const down = { open: () => ({ take: () => Promise.reject(new Error('gone')) }) }
  const pipeline = await createTestPipeline(
    [{ policy: httpSignature, options: { keys: [key] } }],
    { authenticated: true },
    { secrets, ports: [[rateTable, down]] },
  )
  const { code, status } = await runTestExchange({ pipeline, headers: signRequest() })
  assert.deepEqual([code, status], ['dependency_down', 503])
})

test('options that cannot work are refused', () => {
  for (const wrong of [
    {},
    { keys: [] },
    { keys: [key, key] },
    { keys: [{ ...key, secret: undefined }] },
    { keys: [{ ...key, secret: 'in the clear' }] },
    { keys: [{ ...key, publicKey: 'file:a' }] },
    { keys: [{ ...key, algorithm: 'ed25519' }] },
    { keys: [{ ...key, algorithm: 'none' }] },
    { keys: [{ ...key, keyId: 'a\nb' }] },
    { keys: [key], maxAge: '2h' },
    { keys: [key], clockSkew: '1h' },
    { keys: [key], components: ['X-Upper'] },
    { keys: [key], replay: false },
    { keys: [key], jwks: 'https://example.com' },
  ]) {
    assert.throws(() => parseTestOptions(httpSignature, wrong), JSON.stringify(wrong))
  }
})

test('inheritance and warnings', () => {
  const parse = (options: object) =>
    parseTestOptions(httpSignature, { keys: [key], ...options }) as HttpSignatureOptions
  const compose = (inherited: object, own: object) => httpSignature.compose(parse(inherited), parse(own))
  assert.equal(compose({}, {}), 'tighter')
  assert.equal(
    compose({}, { maxAge: '1m', nonce: 'required', components: ['@method', '@target-uri', 'date'] }),
    'tighter',
  )
  for (const own of [
    { maxAge: '10m' },
    { clockSkew: '1m' },
    { components: ['@method'] },
    { tag: 'a' },
    { replay: 'allow' },
    { maxBody: '2MiB' },
    { keys: [key, { ...key, keyId: 'b' }] },
  ]) {
    assert.equal(compose({}, own), 'looser', JSON.stringify(own))
  }
  assert.equal(compose({ nonce: 'required' }, {}), 'looser')
  assert.equal(httpSignature.warnings(parse({})).length, 0)
  assert.equal(httpSignature.warnings(parse({ components: ['@method', '@authority', '@path', '@query'] })).length, 0)
  assert.equal(httpSignature.warnings(parse({ components: ['@path'], replay: 'allow' })).length, 3)
})

test('every attack of the probes is refused', async () => {
  const { pipeline } = await createRoute()
  const target = { route: pipeline.route, path: '/orders', method: 'GET', observe: false }
  const options = parseTestOptions(httpSignature, { keys: [key] }) as HttpSignatureOptions
  for (const { name, kind, requests, expect } of httpSignature.probes(options, target)) {
    if (kind === 'honest') continue
    for (const { headers = [] } of requests) {
      const result = await runTestExchange({ pipeline, headers })
      assert.ok(!result.forwarded && expect.status?.includes(result.status), name)
      assert.ok((await runTestExchange({ headers })).forwarded, name)
    }
  }
})
