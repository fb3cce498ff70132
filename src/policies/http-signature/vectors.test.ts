import assert from 'node:assert/strict'
import { createPublicKey } from 'node:crypto'
import { test } from 'node:test'
import { Fields } from '../../core/fields.ts'
import { createKeyVerifier, createSecretVerifier, type Verifier } from './algorithms.ts'
import { createSignatureBase, type SignedRequest } from './components.ts'
import { isContentDigest } from './content-digest.ts'
import { isInnerList, parseDictionary } from './structured-field.ts'

/* Keys, message and signatures of RFC 9421 appendix B. */

const digest = 'sha-512=:WZDPaVn/7XgHaAy8pmojAkGWoRx2UFChF41A2svX+TaPm+AbwAgBWnrIiYllu7BNNyealdVLvRwEmTHWXvJwew==:'
const request: SignedRequest = {
  method: 'POST',
  scheme: 'https',
  host: 'example.com',
  path: '/foo',
  query: 'param=Value&Pet=dog',
  headers: new Fields([
    ...['date', 'Tue, 20 Apr 2021 02:07:55 GMT', 'content-type', 'application/json', 'content-digest', digest],
  ]),
  body: { declaredLength: 18 },
}

const pem = (body: string) => createPublicKey(`-----BEGIN PUBLIC KEY-----\n${body}\n-----END PUBLIC KEY-----\n`)
const rsaPss = createKeyVerifier(
  'rsa-pss-sha512',
  pem(`MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAr4tmm3r20Wd/PbqvP1s2
+QEtvpuRaV8Yq40gjUR8y2Rjxa6dpG2GXHbPfvMs8ct+Lh1GH45x28Rw3Ry53mm+
oAXjyQ86OnDkZ5N8lYbggD4O3w6M6pAvLkhk95AndTrifbIFPNU8PPMO7OyrFAHq
gDsznjPFmTOtCEcN2Z1FpWgchwuYLPL+Wokqltd11nqqzi+bJ9cvSKADYdUAAN5W
Utzdpiy6LbTgSxP7ociU4Tn0g5I6aDZJ7A8Lzo0KSyZYoA485mqcO0GVAdVw9lq4
aOT9v6d+nb4bnNkQVklLQ3fVAvJm+xdDOp9LCNCN48V2pnDOkFV6+U9nV5oyc6XI
2wIDAQAB`),
)
const ed25519 = createKeyVerifier('ed25519', pem('MCowBQYDK2VwAyEAJrQLj5P/89iXES9+vFgrIy29clF9CC/oPPsw3c5D0bs='))
const ecdsa = createKeyVerifier(
  'ecdsa-p256-sha256',
  pem(`MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEqIVYZVLCrPZHGHjP17CTW0/+D9Lf
w0EkjqF7xB4FivAxzic30tMM4GF+hR6Dxh71Z50VGGdldkkDXZCnTNnoXQ==`),
)
const hmac = createSecretVerifier(
  Buffer.from('uzvJfB4u3N0Jy4T7NZ75MDVcr8zSTInedJtkgcu46YW4XByzNJjxBdtjUkdJPBtbmHhIDi6pcl8jsasjlTMtDQ==', 'base64'),
)

const vectors: [name: string, verifier: Verifier, input: string, signature: string][] = [
  [
    'B.2.1, minimal',
    rsaPss,
    '();created=1618884473;keyid="test-key-rsa-pss";nonce="b3k2pp5k7z-50gnwp.yemd"',
    'd2pmTvmbncD3xQm8E9ZV2828BjQWGgiwAaw5bAkgibUopemLJcWDy/lkbbHAve4cRAtx31Iq786U7it++wgGxbtRxf8Udx7zFZsckzXaJMkA7ChG52eSkFxykJeNqsrWH5S+oxNFlD4dzVuwe8DhTSja8xxbR/Z2cOGdCbzR72rgFWhzx2VjBqJzsPLMIQKhO4DGezXehhWwE56YCE+O6c0mKZsfxVrogUvA4HELjVKWmAvtl6UnCh8jYzuVG5WSb/QEVPnP5TmcAnLH1g+s++v6d4s8m0gCw1fV5/SITLq9mhho8K3+7EPYTU8IU1bLhdxO5Nyt8C8ssinQ98Xw9Q==',
  ],
  [
    'B.2.3, full coverage',
    rsaPss,
    '("date" "@method" "@path" "@query" "@authority" "content-type" "content-digest" "content-length");created=1618884473;keyid="test-key-rsa-pss"',
    'bbN8oArOxYoyylQQUU6QYwrTuaxLwjAC9fbY2F6SVWvh0yBiMIRGOnMYwZ/5MR6fb0Kh1rIRASVxFkeGt683+qRpRRU5p2voTp768ZrCUb38K0fUxN0O0iC59DzYx8DFll5GmydPxSmme9v6ULbMFkl+V5B1TP/yPViV7KsLNmvKiLJH1pFkh/aYA2HXXZzNBXmIkoQoLd7YfW91kE9o/CCoC1xMy7JA1ipwvKvfrs65ldmlu9bpG6A9BmzhuzF8Eim5f8ui9eH8LZH896+QIF61ka39VBrohr9iyMUJpvRX2Zbhl5ZJzSRxpJyoEZAFL2FUo5fTIztsDZKEgM4cUA==',
  ],
  [
    'B.2.5, hmac-sha256',
    hmac,
    '("date" "@authority" "content-type");created=1618884473;keyid="test-shared-secret"',
    'pxcQw6G3AjtMBQjwo8XzkZf/bws5LelbaMk5rGIGtE8=',
  ],
  [
    'B.2.6, ed25519',
    ed25519,
    '("date" "@method" "@path" "@authority" "content-type" "content-length");created=1618884473;keyid="test-key-ed25519"',
    'wqcAqbmYJ2ji2glfAMaRy4gruYYnx2nEFN2HN6jrnDnQCK1u02Gb04v9EDgwUPiu4A0w6vuQv5lIp5WPpBKRCw==',
  ],
]

function baseOf(input: string, signed = request): string {
  const covered = parseDictionary(`sig=${input}`)?.get('sig')
  assert.ok(isInnerList(covered))
  const base = createSignatureBase(signed, covered)
  assert.equal(typeof base, 'string', JSON.stringify(base))
  return base as string
}

for (const [name, isSignature, input, signature] of vectors) {
  test(`RFC 9421 ${name}`, () => {
    const bytes = Buffer.from(signature, 'base64')
    const base = baseOf(input)
    assert.ok(isSignature(base, bytes), base)
    assert.equal(isSignature(`${base} `, bytes), false)
    bytes[3] = (bytes[3] ?? 0) ^ 1
    assert.equal(isSignature(base, bytes), false)
    assert.equal(isSignature(base, Buffer.alloc(0)), false)
  })
}

test('RFC 9421 B.2.4, ecdsa-p256-sha256 (of a response, whose text is given)', () => {
  const base = [
    '"@status": 200',
    '"content-type": application/json',
    '"content-digest": sha-512=:mEWXIS7MaLRuGgxOBdODa3xqM1XdEvxoYhvlCFJ41QJgJc4GTsPp29l5oGX69wWdXymyU0rjJuahq4l5aGgfLQ==:',
    '"content-length": 23',
    '"@signature-params": ("@status" "content-type" "content-digest" "content-length");created=1618884473;keyid="test-key-ecc-p256"',
  ].join('\n')
  const signature = 'wNmSUAhwb5LxtOtOpNa6W5xj067m5hFrj0XQ4fvpaCLx0NKocgPquLgyahnzDnDAUy5eCdlYUEkLIj+32oiasw=='
  assert.ok(ecdsa(base, Buffer.from(signature, 'base64')))
  assert.equal(ecdsa(`${base} `, Buffer.from(signature, 'base64')), false)
})

test('derived components, as section 2.2 writes them', () => {
  const signed = {
    ...request,
    host: 'www.example.com:443',
    path: '/parameters',
    query: 'var=this%20is+a%0Amultiline&x=%C3%A9!',
  }
  const lines = (list: string) => baseOf(`(${list})`, signed).split('\n').slice(0, -1)
  assert.deepEqual(lines('"@target-uri" "@authority" "@scheme" "@request-target" "@path" "@query"'), [
    '"@target-uri": https://www.example.com/parameters?var=this%20is+a%0Amultiline&x=%C3%A9!',
    '"@authority": www.example.com',
    '"@scheme": https',
    '"@request-target": /parameters?var=this%20is+a%0Amultiline&x=%C3%A9!',
    '"@path": /parameters',
    '"@query": ?var=this%20is+a%0Amultiline&x=%C3%A9!',
  ])
  assert.deepEqual(lines('"@query-param";name="var" "@query-param";name="x"'), [
    '"@query-param";name="var": this%20is%20a%0Amultiline',
    '"@query-param";name="x": %C3%A9%21',
  ])
  assert.equal(baseOf('("@query")', { ...request, query: '' }).split('\n')[0], '"@query": ?')
})

test('RFC 9530: digests of a body', () => {
  const content = Buffer.from('{"hello": "world"}')
  assert.ok(isContentDigest(digest, content))
  assert.ok(isContentDigest('sha-256=:X48E9qOokqqrvdts8nOJRJN3OWDUoyWxBf7kbu9DBPE=:', content))
  assert.ok(isContentDigest(`md5=:AAAA:, ${digest}`, content))
  assert.ok(isContentDigest('sha-256=:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=:', Buffer.alloc(0)))
  const wrong = [
    '',
    'sha-256',
    'md5=:AAAA:',
    'sha-256=:AAAA:',
    'sha-256="X48E9qOokqqrvdts8nOJRJN3OWDUoyWxBf7kbu9DBPE="',
    `sha-256=:AAAA:, ${digest}`,
    `${digest}, ${digest}`,
  ]
  for (const field of wrong) assert.equal(isContentDigest(field, content), false, field)
})
