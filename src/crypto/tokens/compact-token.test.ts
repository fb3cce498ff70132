import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { looksLikeToken, maxTokenLength, parseCompactToken } from './compact-token.ts'

const encode = (text: string | object) =>
  Buffer.from(typeof text === 'string' ? text : JSON.stringify(text)).toString('base64url')

const good = {
  header: encode({ alg: 'ES256', kid: 'k' }),
  claims: encode({ sub: 'a' }),
  signature: encode('sign'),
}

const join = (parts: Partial<typeof good>) => {
  const { header, claims, signature } = { ...good, ...parts }
  return `${header}.${claims}.${signature}`
}

function assertUnreadable(text: string, reason: string) {
  const token = parseCompactToken(text)
  assert.ok('unreadable' in token, `${text} was read`)
  assert.equal(token.unreadable, reason, text)
}

test('reads header and claims of a good token', () => {
  const text = join({ header: encode({ alg: 'ES256', kid: 'k', typ: 'application/AT+JWT' }) })
  assert.deepEqual(parseCompactToken(text), {
    text,
    algorithm: 'ES256',
    header: { alg: 'ES256', kid: 'k', typ: 'application/AT+JWT' },
    keyId: 'k',
    type: 'at+jwt',
    claims: { sub: 'a' },
  })
})

test('what is not three parts is malformed', () => {
  const { header, claims, signature } = good
  for (const text of ['', '.', '..', '...', header, `${header}.${claims}`, `${header}.${claims}.`]) {
    assertUnreadable(text, 'token_malformed')
  }
  assertUnreadable(`${header}.${claims}.${signature}.`, 'token_malformed')
  assertUnreadable(`${header}.${claims}.${signature}.${signature}.${signature}`, 'token_malformed')
})

test('only one spelling of base64url is taken', () => {
  const padded = Buffer.from('{"alg":"ES256" }').toString('base64')
  assert.equal(good.signature, 'c2lnbg')
  const strayBits = 'c2lnbh'
  const odd = [strayBits, ' c2lnbg', 'c2lnbg\n', 'c2lnbg==', 'c2ln=', 'c2lnb', 'a+b/', 'ä', 'c2ln bg']
  for (const signature of odd) assertUnreadable(join({ signature }), 'token_malformed')
  for (const header of [padded, ` ${good.header}`, `${good.header}\n`]) {
    assertUnreadable(join({ header }), 'token_malformed')
  }
  assertUnreadable(join({ claims: `${good.claims}%` }), 'token_malformed')
})

test('header and payload are JSON objects in UTF-8', () => {
  for (const text of ['', '[]', 'null', '"x"', '1', '{', '{}{}', '\ufeff{}', "{'alg':'ES256'}"]) {
    assertUnreadable(join({ header: encode(text) }), 'token_malformed')
    assertUnreadable(join({ claims: encode(text) }), 'token_malformed')
  }
  const broken = Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]).toString('base64url')
  assertUnreadable(join({ header: broken }), 'token_malformed')
  assertUnreadable(join({ claims: broken }), 'token_malformed')
})

test('repeated members are refused however they are spelled', () => {
  const headers = [
    '{"alg":"none","alg":"ES256"}',
    '{"alg":"ES256","\\u0061lg":"none"}',
    '{"alg":"ES256","jwk":{"kty":"EC","kty":"oct"}}',
    '{"alg":"ES256","x":[{"a":1,"a":2}]}',
  ]
  for (const header of headers) assertUnreadable(join({ header: encode(header) }), 'token_malformed')
  assertUnreadable(join({ claims: encode('{"sub":"a","sub":"admin"}') }), 'token_malformed')
  // Colons and escapes inside of texts are no members.
  const odd = '{"alg":"ES256","a:b":"c:\\"d:","\\\\":{"alg":1}}'
  assert.ok('claims' in parseCompactToken(join({ header: encode(odd) })))
})

test('a header that demands something else is refused', () => {
  const headers = [
    {},
    { alg: 1 },
    { alg: null },
    { alg: ['ES256'] },
    { alg: 'ES256', kid: 7 },
    { alg: 'ES256', kid: { $ne: '' } },
    { alg: 'ES256', kid: 'x'.repeat(257) },
    { alg: 'ES256', typ: 1 },
    { alg: 'ES256', crit: [] },
    { alg: 'ES256', crit: ['exp'], exp: 1 },
    { alg: 'ES256', b64: false },
  ]
  for (const header of headers) assertUnreadable(join({ header: encode(header) }), 'token_header')
})

test('length is limited before anything is read', () => {
  const claims = encode({ sub: 'x'.repeat(3000) })
  const longest = join({ claims })
  const room = maxTokenLength - longest.length
  const signature = 'A'.repeat(Math.floor((good.signature.length + room) / 4) * 4)
  assert.ok('claims' in parseCompactToken(join({ claims, signature })))
  assertUnreadable(join({ claims, signature: signature + 'A'.repeat(8) }), 'token_too_large')
})

test('deeply nested JSON neither crashes nor hangs', () => {
  const deep = `{"a":${'['.repeat(2800)}${']'.repeat(2800)}}`
  assert.ok('unreadable' in parseCompactToken(join({ claims: encode(deep) })))
})

test('any text is either read or refused, never a throw', () => {
  const part = fc.oneof(fc.string(), fc.base64String(), fc.json().map(encode), fc.constantFrom(...Object.values(good)))
  fc.assert(
    fc.property(fc.array(part, { maxLength: 5 }), (parts) => {
      const text = parts.join('.')
      const token = parseCompactToken(text)
      if ('claims' in token) {
        assert.ok(looksLikeToken(text))
        const [header = '', claims = ''] = text.split('.')
        assert.equal(JSON.parse(Buffer.from(header, 'base64url').toString()).alg, token.algorithm)
        assert.deepEqual(JSON.parse(Buffer.from(claims, 'base64url').toString()), token.claims)
      }
    }),
    { numRuns: 300 },
  )
})

test('every JSON object with unique members is read as JSON.parse reads it', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (claims) => {
      const token = parseCompactToken(join({ claims: encode(claims) }))
      if ('unreadable' in token) assert.equal(token.unreadable, 'token_too_large')
      else assert.deepEqual(token.claims, JSON.parse(JSON.stringify(claims)))
    }),
  )
})

test('only what has two dots looks like a token', () => {
  for (const text of ['a.b.c', '..', 'a..']) assert.ok(looksLikeToken(text), text)
  for (const text of ['', 'a', 'a.b', 'a.b.c.d', 'a.b.c.d.e', 'pk_0123456789']) assert.ok(!looksLikeToken(text), text)
})
