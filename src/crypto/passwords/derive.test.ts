import assert from 'node:assert/strict'
import { argon2Sync } from 'node:crypto'
import { test } from 'node:test'
import { derive, hashWith, matches } from './derive.ts'

const bytes = (text: string) => Buffer.from(text)

test('Argon2id is that of RFC 9106 section 5.3', () => {
  const tag = argon2Sync('argon2id', {
    message: Buffer.alloc(32, 1),
    nonce: Buffer.alloc(16, 2),
    secret: Buffer.alloc(8, 3),
    associatedData: Buffer.alloc(12, 4),
    memory: 32,
    passes: 3,
    parallelism: 4,
    tagLength: 32,
  })
  assert.equal(tag.toString('hex'), '0d640df58d78766c08c037a34a8b53c9d01ef0452d75b65eb52520e96b01e659')
})

test('hashes of the reference implementation of Argon2 are matched', () => {
  for (const [password, hash] of [
    ['password', '$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc'],
    ['password', '$argon2i$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$wWKIMhR9lyDFvRz9YTZweHKfbftvj+qf+YFY4NeBbtA'],
  ] as const) {
    assert.ok(matches(hash, bytes(password)))
    assert.ok(!matches(hash, bytes('Password')))
  }
})

test('PBKDF2 is that of published vectors', () => {
  // RFC 7914 section 11 has them for SHA-256.
  const known = [
    ['pbkdf2-sha256', 'passwd', 'salt', 1, '55ac046e56e3089fec1691c22544b605f94185216dde0465e68b9d57c20dacbc'],
    ['pbkdf2-sha512', 'password', 'salt', 1, '867f70cf1ade02cff3752599a3a53dc4af34c7a669815ae5d513554e1c8cf252'],
    ['pbkdf2-sha256', 'Password', 'NaCl', 80_000, '4ddcd8f60b98be21830cee5ef22701f9641a4418d04c0414aeff08876b34ab56'],
  ] as const
  for (const [algorithm, password, text, iterations, start] of known) {
    const hash = { algorithm, iterations, salt: bytes(text), digest: new Uint8Array(start.length / 2) }
    assert.equal(derive(hash, bytes(password)).toString('hex'), start)
  }
})

test('bcrypt is that of published vectors', () => {
  for (const [password, hash] of [
    ['a', '$2a$06$m0CrhHm10qJ3lXRY.5zDGO3rS2KdeeWLuGmsfGlMfOxih58VYVfxe'],
    ['abc', '$2a$06$If6bvum7DFjUnE9p2uDeDu0YHzrHM6tf.iqN8.yx.jNN1ILEf7h0i'],
    ['~!@#$%^&*()      ~!@#$%^&*()PNBFRD', '$2a$06$fPIsBO8qRqkjj273rfaOI.HtSV9jLDpTbZn782DC6/t7qT67P6FfO'],
  ] as const) {
    assert.ok(matches(hash, bytes(password)), hash)
    assert.ok(matches(hash.replace('$2a', '$2b'), bytes(password)))
    assert.ok(!matches(hash, bytes(`${password}x`)))
  }
})

test('every algorithm makes hashes that it matches, each with its own salt', () => {
  for (const parameters of [
    { algorithm: 'argon2id', memoryKiB: 64, passes: 1, lanes: 1 },
    { algorithm: 'bcrypt', cost: 4 },
    { algorithm: 'pbkdf2-sha256', iterations: 1000 },
    { algorithm: 'pbkdf2-sha512', iterations: 1000 },
  ] as const) {
    const [first, second] = [hashWith(parameters, bytes('secret')), hashWith(parameters, bytes('secret'))]
    assert.notEqual(first, second)
    assert.ok(matches(first, bytes('secret')) && matches(second, bytes('secret')))
    assert.ok(!matches(first, bytes('Secret')) && !matches(first, bytes('')))
  }
})

test('bcrypt never takes a password for another that goes on behind its 72nd byte', () => {
  const known = 'x'.repeat(72)
  const hash = hashWith({ algorithm: 'bcrypt', cost: 4 }, bytes(known))
  assert.ok(matches(hash, bytes(known)))
  assert.ok(!matches(hash, bytes(`${known}y`)))
})
