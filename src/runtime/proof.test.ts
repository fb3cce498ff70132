import assert from 'node:assert/strict'
import { createHmac, randomBytes } from 'node:crypto'
import { test } from 'node:test'
import { readProof, signProof } from './proof.ts'

const key = randomBytes(32)
const now = 1_800_000_000_000
const answer = { status: 404, headers: [['content-type', 'text/html']], body: '<p>who@example.com</p>' } as const

const holds = (field: string, method = 'POST', path = '/orders', at = now, by = key) =>
  readProof(by, field, method, path, at) !== null

for (const [name, brought] of [
  ['a proof', undefined],
  ['a proof with an answer', answer],
] as const) {
  test(`${name} holds for its method and path, for a minute, under its key`, () => {
    const field = signProof(key, 'POST', '/orders', now, brought)
    assert.deepEqual(readProof(key, field, 'POST', '/orders', now), { answer: brought ?? null })
    assert.ok(!holds(field, 'DELETE'))
    assert.ok(!holds(field, 'POST', '/orders/1'))
    assert.ok(!holds(field, 'POST', '/orders', now + 61_000))
    assert.ok(!holds(field, 'POST', '/orders', now - 61_000))
    assert.ok(!holds(field, 'POST', '/orders', now, randomBytes(32)))
    assert.ok(!holds(`${field}x`))
  })
}

test('a path that a probe spells differently is signed as the deployment will read it', () => {
  assert.ok(holds(signProof(key, 'POST', '/order%73', now)))
  assert.ok(holds(signProof(key, 'POST', '/a%2fb', now), 'POST', '/a%2Fb'))
})

test('an answer is neither put to a proof nor taken from one, nor changed', () => {
  const plain = signProof(key, 'POST', '/orders', now)
  const full = signProof(key, 'POST', '/orders', now, answer)
  const encoded = full.split('.')[3] as string
  const other = Buffer.from(JSON.stringify([200, [], 'other'])).toString('base64url')
  assert.ok(holds(plain) && holds(full))
  for (const field of [
    `${plain}.${encoded}`,
    full.slice(0, -encoded.length - 1),
    full.replace(encoded, other),
    `${full}.${encoded}`,
    `${plain}.`,
  ]) {
    assert.ok(!holds(field), field)
  }
})

test('what could harm a client or a cache is no answer, even when it is signed', () => {
  const sign = (json: unknown) => {
    const encoded = Buffer.from(JSON.stringify(json)).toString('base64url')
    const parts = [String(now), 'AAAAAAAAAAAA', 'POST', '/orders']
    const signature = createHmac('sha256', key).update(['portcullis-answer', encoded, ...parts].join('\n'))
    return `${now}.AAAAAAAAAAAA.${signature.digest('base64url')}.${encoded}`
  }
  assert.deepEqual(readProof(key, sign([200, [['etag', '"a"']], 'x']), 'POST', '/orders', now)?.answer?.body, 'x')
  for (const json of [
    ...[100, 101, 103, 204, 205, 304, 199, 600, 200.5, '200'].map((status) => [status, [], 'x']),
    ...['a\r\nset-cookie: a=1', 'a\nb', 'a\0', 'ä', 'a'.repeat(513)].map((value) => [200, [['etag', value]], 'x']),
    ...[
      'set-cookie',
      'cache-control',
      'location',
      'content-length',
      'transfer-encoding',
      'Etag',
      'portcullis-proof',
    ].map((name) => [200, [[name, 'a']], 'x']),
    [200, [['etag', 'a', 'b']], 'x'],
    [200, [], 1],
    [200, []],
    { status: 200 },
    null,
    [200, [], 'a'.repeat(4096)],
  ]) {
    // It stays from the upstream all the same.
    assert.deepEqual(readProof(key, sign(json), 'POST', '/orders', now)?.answer ?? null, null, JSON.stringify(json))
  }
  for (const body of ['a'.repeat(4096), 'a'.repeat(40_000)]) {
    assert.throws(() => signProof(key, 'GET', '/', now, { status: 200, body }), /no probe may bring this answer/)
  }
})
