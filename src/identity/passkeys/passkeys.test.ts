import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { Authenticator } from '../../../test/support/authenticator.ts'
import { createDecoyKey } from './decoy.ts'
import { findPasskeyProblems, passkeyOptions, toPasskeySite } from './options.ts'
import { parseAssertion } from './parse-response.ts'
import { verifyAssertion } from './verify-assertion.ts'

const issuer = 'https://login.example.com/identity'

describe('passkeys', () => {
  test('what nobody has is verified to the end, as what somebody has', async () => {
    const [challenge, origin, rpId] = ['c'.repeat(43), 'https://login.example.com', 'login.example.com']
    const parsed = parseAssertion(new Authenticator().use({ challenge, origin, rpId }))
    const decoy = { credentialId: 'none', publicKey: createDecoyKey(), transports: [] }
    const site = { rpId, name: 'x', origins: [origin] }
    assert.deepEqual(await verifyAssertion(parsed?.given as never, challenge, decoy, site), {
      reason: 'the signature is not by this passkey',
    })
  })

  test('belong to the host of the issuer, and to none that is an address', () => {
    const passkeys = passkeyOptions.parse({})
    const toSite = (of: string) => toPasskeySite({ issuer: of, passkeys, pages: {} })
    assert.deepEqual(toSite('https://login.example.com:8443/identity'), {
      rpId: 'login.example.com',
      name: 'login.example.com:8443',
      origins: ['https://login.example.com:8443'],
    })
    for (const address of ['http://127.0.0.1:8080', 'https://[2001:db8::1]']) assert.equal(toSite(address), null)
    assert.equal(toPasskeySite({ issuer, passkeys: 'off', pages: {} }), null)
    const shared = passkeyOptions.parse({ rpId: 'example.com', origins: ['https://shop.example.com'] })
    assert.deepEqual(toPasskeySite({ issuer, passkeys: shared, pages: {} })?.origins, [
      'https://login.example.com',
      'https://shop.example.com',
    ])
    // A tenant at a host of its own.
    assert.equal(toPasskeySite({ issuer: 'https://other.test', passkeys: shared, pages: {} })?.rpId, 'other.test')
    assert.equal(toPasskeySite({ issuer, passkeys, pages: { name: 'The shop' } })?.name, 'The shop')
  })

  for (const [options, path, message] of [
    [{ rpId: 'shop.example.com' }, ['rpId'], /must be login\.example\.com/],
    [{ rpId: 'ogin.example.com' }, ['rpId'], /must be login\.example\.com/],
    [{ rpId: 'com' }, ['rpId'], /must be login\.example\.com/],
    [{ origins: ['https://example.com'] }, ['origins', 0], /must be login\.example\.com or lie in it/],
    [{ rpId: 'example.com', origins: ['http://a.example.com'] }, ['origins', 0], /https/],
    [{ rpId: 'example.com', origins: ['https://a.example.com/'] }, ['origins', 0], /an origin such as/],
    [{ rpId: 'example.com', origins: ['https://notexample.com'] }, ['origins', 0], /or lie in it/],
  ] as const) {
    test(`are refused where no browser would go along: ${JSON.stringify(options)}`, () => {
      const [problem, ...more] = findPasskeyProblems(issuer, passkeyOptions.parse(options))
      assert.deepEqual(problem?.path, path)
      assert.match(problem?.message ?? '', message)
      assert.deepEqual(more, [])
    })
  }

  test('may belong to a domain above the issuer', () => {
    const options = passkeyOptions.parse({ rpId: 'example.com', origins: ['https://shop.example.com'] })
    assert.deepEqual(findPasskeyProblems(issuer, options), [])
    assert.match(findPasskeyProblems('http://127.0.0.1', options)[0]?.message ?? '', /is an address/)
  })
})
