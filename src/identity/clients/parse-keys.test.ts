import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { test } from 'node:test'
import { parseClientKeys, parseKeyText } from './parse-keys.ts'

const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const publicJwk = ec.publicKey.export({ format: 'jwk' })

test('a set, a single key and PEM are read, and nothing is kept but the key', () => {
  const jwk = { ...publicJwk, kid: 'one', alg: 'ES256', use: 'sig', x5u: 'https://elsewhere.example/', note: 'x' }
  const kept = { ...publicJwk, kid: 'one' }
  assert.deepEqual(parseKeyText(JSON.stringify({ keys: [jwk] })), [kept])
  assert.deepEqual(parseKeyText(JSON.stringify(jwk)), [kept])
  assert.deepEqual(parseKeyText(ec.publicKey.export({ format: 'pem', type: 'spki' }) as string), [publicJwk])
})

test('what cannot be used is left out, and where nothing is left it is said why', () => {
  const secret = { kty: 'oct', k: 'AAAA' }
  assert.deepEqual(parseClientKeys({ keys: [secret, publicJwk] }), [publicJwk])
  const small = generateKeyPairSync('rsa', { modulusLength: 1024 }).publicKey.export({ format: 'jwk' })
  const p384 = generateKeyPairSync('ec', { namedCurve: 'P-384' }).publicKey.export({ format: 'jwk' })
  for (const [keys, message] of [
    [[secret], /symmetric/],
    [[ec.privateKey.export({ format: 'jwk' })], /private key/],
    [[small], /1024 bits/],
    [[p384], /no allowed algorithm/],
    [[{ ...publicJwk, alg: 'RS256' }], /no allowed algorithm/],
    [[{ ...publicJwk, x: publicJwk.y }], /no key/],
    [[null, 'x', []], /not a JSON object/],
    [[], /it is empty/],
    [Array(21).fill(publicJwk), /more than 20/],
    [undefined, /`keys` is missing/],
  ] as const) {
    assert.throws(() => parseClientKeys({ keys }), message)
  }
  assert.throws(() => parseKeyText('hello'), /neither PEM nor JSON/)
  assert.throws(() => parseKeyText(ec.privateKey.export({ format: 'pem', type: 'pkcs8' }) as string), /private key/)
})
