import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createClientAuthority } from '../../../test/support/client-certificates.ts'
import { parseCertificate } from '../../crypto/x509/certificate.ts'
import { matchesCertificate, toCertificateMetadata, toCertificateRule } from './certificate-rule.ts'
import { clientOptions } from './options.ts'

test('a certificate is the one that a rule names, and no other', async () => {
  const authority = await createClientAuthority()
  const names = [
    { type: 'url' as const, value: 'spiffe://example.org/reports' },
    { type: 'dns' as const, value: 'reports.example.com' },
    { type: 'email' as const, value: 'ops@example.com' },
  ]
  const { x509 } = await authority.issue({ subject: 'CN=reports,O=Example', names })
  const certificate = parseCertificate(new Uint8Array(x509.rawData))
  const matches = (rule: Parameters<typeof toCertificateMetadata>[0]) => {
    const [property, expected] = Object.entries(toCertificateMetadata(rule))[0] as [string, string]
    return matchesCertificate(certificate, property, expected)
  }
  assert.ok(matches({ uri: 'spiffe://example.org/reports' }))
  assert.ok(matches({ dns: 'reports.example.com' }))
  assert.ok(matches({ email: 'ops@example.com' }))
  assert.ok(matches({ subject: [{ CN: 'reports' }, { O: 'Example' }] }))
  assert.ok(!matches({ uri: 'spiffe://example.org/report' }))
  assert.ok(!matches({ dns: 'example.com' }))
  assert.ok(!matches({ dns: 'ops@example.com' }))
  assert.ok(!matches({ subject: [{ CN: 'reports' }] }))
  assert.ok(!matches({ subject: [{ O: 'Example' }, { CN: 'reports' }] }))
  assert.ok(!matchesCertificate(certificate, 'something_else', 'reports.example.com'))
})

test('what is no certificate is told with where it stands', async () => {
  for (const text of ['', 'hello', '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n']) {
    await assert.rejects(
      toCertificateRule({ selfSigned: ['file:own.pem'] }, async () => text),
      /file:own\.pem holds no/,
    )
  }
})

test('a client has one way in', () => {
  const base = { id: 'a', grants: ['clientCredentials'] }
  const uri = { uri: 'spiffe://example.org/a' }
  const isGood = (changes: object) => clientOptions.safeParse({ ...base, ...changes }).success
  assert.ok(isGood({ certificate: uri }))
  assert.ok(!isGood({}))
  assert.ok(!isGood({ certificate: {} }))
  assert.ok(!isGood({ certificate: { ...uri, dns: 'a.example.com' } }))
  assert.ok(!isGood({ certificate: uri, secret: 'env:A' }))
  assert.ok(!isGood({ certificate: uri, keys: 'https://a.example.com/jwks.json' }))
  assert.ok(!isGood({ certificate: uri, dpop: 'required', certificateBoundTokens: true }))
  assert.ok(!isGood({ secret: 'env:A', requestObjects: 'required' }))
  assert.ok(!isGood({ keys: 'http://a.example.com/jwks.json' }))
  assert.ok(!isGood({ keys: 'https://user:pass@a.example.com/jwks.json' }))
  assert.ok(!isGood({ keys: [{ kty: 'oct', k: 'AAAA' }] }))
})
