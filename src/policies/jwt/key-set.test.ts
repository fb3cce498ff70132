import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { describe, test } from 'node:test'
import { createTestKey } from '../../../test/support/issuer.ts'
import { algorithms, defaultAlgorithms } from '../../crypto/tokens/algorithms.ts'
import { parseVerificationKey } from '../../crypto/tokens/verification-key.ts'
import { parseKeySet, selectKeys } from './key-set.ts'
import { parseStaticKeys } from './static-keys.ts'

const ec = createTestKey('ES256', 'ec')
const rsa = createTestKey('RS256', 'rsa')
const ed = createTestKey('Ed25519', 'ed')

const parse = (jwk: unknown, allowed = defaultAlgorithms) => parseVerificationKey(jwk, allowed)

function assertUnusable(jwk: unknown, pattern: RegExp) {
  const key = parse(jwk)
  assert.ok('unusable' in key, 'the key is used')
  assert.match(key.unusable, pattern)
}

function usableAlgorithms(jwk: unknown, allowed = defaultAlgorithms) {
  const key = parse(jwk, allowed)
  return 'unusable' in key ? [] : key.algorithms
}

describe('one key', () => {
  test('is matched to the algorithms that it can serve', () => {
    const nameless = (jwk: Record<string, unknown>) => ({ ...jwk, alg: undefined })
    assert.deepEqual(usableAlgorithms(nameless(rsa.jwk)), ['RS256', 'PS256'])
    assert.deepEqual(usableAlgorithms(rsa.jwk), ['RS256'])
    assert.deepEqual(usableAlgorithms(nameless(ec.jwk)), ['ES256'])
    assert.deepEqual(usableAlgorithms(nameless(ed.jwk)), ['EdDSA', 'Ed25519'])
    assert.deepEqual(usableAlgorithms({ ...ed.jwk, alg: 'EdDSA' }), ['EdDSA', 'Ed25519'])
    assert.deepEqual(usableAlgorithms(createTestKey('ES384').jwk), [])
    assert.deepEqual(usableAlgorithms(createTestKey('ES384').jwk, algorithms), ['ES384'])
    assert.deepEqual(usableAlgorithms(createTestKey('ES512').jwk, algorithms), ['ES512'])
  })

  test('that says it is for something else is not used', () => {
    assertUnusable({ ...ec.jwk, use: 'enc' }, /use/)
    assertUnusable({ ...ec.jwk, key_ops: ['sign'] }, /key_ops/)
    assertUnusable({ ...ec.jwk, key_ops: 'verify' }, /key_ops/)
    assertUnusable({ ...ec.jwk, alg: 'ES384' }, /algorithm/)
    assertUnusable({ ...ec.jwk, alg: 'HS256' }, /algorithm/)
    assertUnusable({ ...rsa.jwk, alg: 'RSA-OAEP' }, /algorithm/)
    assertUnusable({ ...ec.jwk, alg: 5 }, /alg/)
    assertUnusable({ ...ec.jwk, kid: 5 }, /kid/)
    assert.deepEqual(usableAlgorithms({ ...ec.jwk, key_ops: ['verify'] }), ['ES256'])
  })

  test('that is symmetric, private, of another kind or no object is not used', () => {
    assertUnusable({ kty: 'oct', k: 'c2VjcmV0' }, /symmetric/)
    assertUnusable({ ...ec.privateKey.export({ format: 'jwk' }) }, /private/)
    assertUnusable({ kty: 'OKP', crv: 'X25519', x: 'AA' }, /algorithm/)
    assertUnusable({ kty: 'EC', crv: 'secp256k1', x: 'AA', y: 'AA' }, /algorithm/)
    for (const value of [null, 'key', 1, [], undefined]) assertUnusable(value, /object/)
  })

  test('of RSA must be strong enough, and not so large that it is slow', () => {
    const small = generateKeyPairSync('rsa', { modulusLength: 1024 }).publicKey.export({ format: 'jwk' })
    assertUnusable(small, /1024 bits/)
    const zeros = Buffer.concat([Buffer.alloc(200), Buffer.from(small.n as string, 'base64url')])
    assertUnusable({ ...small, n: zeros.toString('base64url') }, /1024 bits/)
    assertUnusable({ ...rsa.jwk, n: Buffer.alloc(2000, 0xff).toString('base64url') }, /16000 bits/)
    for (const e of ['AQ', 'Ag', 'AAAA', 'AQAAAAAAAAAB']) assertUnusable({ ...rsa.jwk, e }, /exponent/)
    assertUnusable({ ...rsa.jwk, e: undefined }, /missing/)
  })

  test('whose numbers are no key fails when it is imported, not later', async () => {
    const key = parse({ ...ec.jwk, x: 'AA' })
    assert.ok('import' in key)
    await assert.rejects(key.import('ES256'))
  })
})

describe('a set', () => {
  test('passes over what it cannot use and says why', () => {
    const set = parseKeySet({ keys: [ec.jwk, { kty: 'oct', k: 'x' }, null, rsa.jwk] }, defaultAlgorithms)
    assert.deepEqual(
      set.keys.map(({ id }) => id),
      ['ec', 'rsa'],
    )
    assert.equal(set.unusable.length, 2)
  })

  test('that is none, empty, useless or huge is refused as a whole', () => {
    const documents = [null, undefined, [], 'x', {}, { keys: {} }, { keys: [] }, { keys: [{ kty: 'oct', k: 'x' }] }]
    for (const document of documents) assert.throws(() => parseKeySet(document, defaultAlgorithms), /it /)
    const keys = Array.from({ length: 101 }, () => ec.jwk)
    assert.throws(() => parseKeySet({ keys }, defaultAlgorithms), /101/)
  })

  test('offers a token the keys with its name and those without, few at most', () => {
    const named = ['a', 'b', 'c', 'd', 'e', 'f'].map((kid) => ({ ...ec.jwk, kid }))
    const { keys } = parseKeySet({ keys: [{ ...ec.jwk, kid: undefined }, ...named, rsa.jwk] }, defaultAlgorithms)
    const idsFor = (kid: string | null) => selectKeys(keys, kid, 'ES256').map(({ id }) => id)
    assert.deepEqual(idsFor('c'), ['c', null])
    assert.deepEqual(idsFor('rsa'), [null])
    assert.deepEqual(idsFor('__proto__'), [null])
    assert.deepEqual(idsFor(null), ['a', 'b', 'c', 'd'])
    assert.deepEqual(
      selectKeys(keys, 'rsa', 'PS256').map(({ id }) => id),
      [],
    )
  })
})

describe('keys given as text', () => {
  const pem = (key: typeof ec) => key.publicKey.export({ format: 'pem', type: 'spki' }) as string

  test('are a set, one JWK, or PEM', () => {
    const texts = [
      JSON.stringify({ keys: [ec.jwk, rsa.jwk] }),
      `\n${pem(ec)}${pem(rsa)}\n`,
      `${pem(ec).replaceAll('\n', '\r\n')}${pem(rsa)}`,
    ]
    for (const text of texts) assert.equal(parseStaticKeys(text, defaultAlgorithms).keys.length, 2, text)
    assert.equal(parseStaticKeys(JSON.stringify(ed.jwk), defaultAlgorithms).keys[0]?.id, 'ed')
    assert.equal(parseStaticKeys(pem(ec), defaultAlgorithms).keys[0]?.id, null)
  })

  test('that are private, empty or broken are an error that says so', () => {
    const privatePem = ec.privateKey.export({ format: 'pem', type: 'pkcs8' }) as string
    assert.throws(() => parseStaticKeys(privatePem, defaultAlgorithms), /private key/)
    assert.throws(() => parseStaticKeys('', defaultAlgorithms), /neither PEM nor JSON/)
    assert.throws(() => parseStaticKeys('{"keys":[]}', defaultAlgorithms), /no usable key/)
    assert.throws(() => parseStaticKeys(pem(ec).replace(/[A-Za-z]{9}/, 'AAAAAAAAA'), defaultAlgorithms), /PEM|usable/)
    assert.throws(() => parseStaticKeys('-----BEGIN PUBLIC KEY-----', defaultAlgorithms), /no usable key/)
  })
})
