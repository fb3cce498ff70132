import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type ClientAuthority, createClientAuthority, x509 } from '../../../test/support/client-certificates.ts'
import { type AuthoritySource, createAuthorities } from './authorities.ts'

const dayMs = 86_400_000

const sourceOf = (ca: string, ...crl: string[]): AuthoritySource => ({
  ca: { text: ca, source: 'ca.pem' },
  crl: crl.map((text) => ({ text, source: 'crl.pem' })),
})
const raw = (certificate: { x509: x509.X509Certificate }) => new Uint8Array(certificate.x509.rawData)

function judge(
  source: AuthoritySource,
  leaf: { x509: x509.X509Certificate },
  chain: readonly ClientAuthority[] = [],
  now = Date.now(),
) {
  return createAuthorities(source).judge(raw(leaf), chain.map(raw), now)
}

test('a certificate of the authority is trusted until the first end in its path', async () => {
  const authority = await createClientAuthority({ to: 3 })
  const leaf = await authority.issue({ to: 2 })
  const verdict = judge(sourceOf(authority.cert), leaf)
  assert.deepEqual(verdict, { problem: null, until: leaf.x509.notAfter.getTime() })
  const list = await authority.revoke([], { from: -1, to: 1 })
  const { until } = judge(sourceOf(authority.cert, list), leaf)
  assert.ok(until < leaf.x509.notAfter.getTime())
})

test('what is not for clients, not in its time, or from somebody else is not trusted', async () => {
  const authority = await createClientAuthority()
  const other = await createClientAuthority()
  const source = sourceOf(authority.cert)
  const { serverAuth, emailProtection } = x509.ExtendedKeyUsage
  const critical = new x509.Extension('1.2.3.4', true, new Uint8Array([5, 0]))
  const keyAgreement = new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyAgreement, true)
  const cases: [RegExp, Awaited<ReturnType<ClientAuthority['issue']>>][] = [
    [/no authority/, await other.issue()],
    [/clientAuth/, await authority.issue({ purposes: [serverAuth, emailProtection] })],
    [/clientAuth/, await authority.issue({ purposes: null })],
    [/expired/, await authority.issue({ from: -3, to: -1 })],
    [/not valid yet/, await authority.issue({ from: 1, to: 2 })],
    [/critical extension/, await authority.issue({ extensions: [critical] })],
    [/may not sign/, await authority.issue({ extensions: [keyAgreement] })],
  ]
  for (const [problem, leaf] of cases) assert.match(String(judge(source, leaf).problem), problem)
  assert.equal(judge(source, await authority.issue()).problem, null)
})

test('the same name with another key is another authority', async () => {
  const authority = await createClientAuthority({ subject: 'CN=Same' })
  const forger = await createClientAuthority({ subject: 'CN=Same' })
  const leaf = await forger.issue()
  assert.match(String(judge(sourceOf(authority.cert), leaf).problem), /no authority/)
  assert.match(String(judge(sourceOf(authority.cert), leaf, [forger]).problem), /no authority/)
})

test('authorities between are believed only where they are authorities', async () => {
  const root = await createClientAuthority()
  const source = sourceOf(root.cert)
  const between = await root.issueAuthority()
  assert.equal(judge(source, await between.issue(), [between]).problem, null)
  assert.match(String(judge(source, await between.issue()).problem), /no authority/)

  const noAuthority = await root.issueAuthority({ isAuthority: false })
  assert.match(String(judge(source, await noAuthority.issue(), [noAuthority]).problem), /basic constraints/)
  const noSigner = await root.issueAuthority({ keyUsage: x509.KeyUsageFlags.digitalSignature })
  assert.notEqual(judge(source, await noSigner.issue(), [noSigner]).problem, null)
  const narrow = await root.issueAuthority({ pathLength: 0 })
  const below = await narrow.issueAuthority({ subject: 'CN=Below' })
  assert.equal(judge(source, await narrow.issue(), [narrow]).problem, null)
  assert.match(String(judge(source, await below.issue(), [below, narrow]).problem), /path length/)
  const constrained = await root.issueAuthority({
    extensions: [new x509.Extension('2.5.29.30', true, new Uint8Array([0x30, 0]))],
  })
  assert.match(String(judge(source, await constrained.issue(), [constrained]).problem), /critical extension/)
  const old = await root.issueAuthority({ from: -3, to: -1 })
  assert.match(String(judge(source, await old.issue(), [old]).problem), /expired/)
})

test('a trusted authority between is an end of the path itself', async () => {
  const between = await (await createClientAuthority()).issueAuthority()
  assert.equal(judge(sourceOf(between.cert), await between.issue()).problem, null)
})

test('what was revoked is refused, at every step of the path', async () => {
  const root = await createClientAuthority()
  const between = await root.issueAuthority()
  const [good, bad] = [await between.issue(), await between.issue()]
  const rootList = await root.revoke([])
  const list = await between.revoke([bad.x509])
  assert.equal(judge(sourceOf(root.cert), bad, [between]).problem, null)
  const source = sourceOf(root.cert, rootList, list)
  assert.equal(judge(source, good, [between]).problem, null)
  assert.equal(judge(source, bad, [between]).problem, 'revoked')
  const betweenGone = sourceOf(root.cert, await root.revoke([between.x509]), list)
  assert.equal(judge(betweenGone, good, [between]).problem, 'revoked')
  assert.match(String(judge(sourceOf(root.cert, rootList), good, [between]).problem), /no revocation list/)
})

test('a list that has expired lets nobody in, and what it revoked stays revoked beside a newer one', async () => {
  const authority = await createClientAuthority({ to: 9 })
  const leaf = await authority.issue({ to: 9 })
  const source = sourceOf(authority.cert, await authority.revoke([], { from: -1, to: 1 }))
  assert.equal(judge(source, leaf).problem, null)
  const later = Date.now() + 2 * dayMs
  assert.match(String(judge(source, leaf, [], later).problem), /has expired/)
  const early = sourceOf(authority.cert, await authority.revoke([], { from: 1, to: 2 }))
  assert.match(String(judge(early, leaf).problem), /has expired/)
  const both = sourceOf(
    authority.cert,
    await authority.revoke([leaf.x509], { from: -3, to: -2 }),
    await authority.revoke([], { from: -1, to: 1 }),
  )
  assert.equal(judge(both, leaf).problem, 'revoked')
})

test('files that cannot be used are refused with their names', async () => {
  const authority = await createClientAuthority()
  const other = await createClientAuthority({ subject: 'CN=Other' })
  const namesake = await createClientAuthority()
  const partial = new x509.Extension('2.5.29.28', true, new Uint8Array([0x30, 0]))
  const leaf = await authority.issue()
  const cases: [RegExp, AuthoritySource][] = [
    [/ca\.pem: no PEM block "CERTIFICATE"/, sourceOf('nothing')],
    [/ca\.pem: /, sourceOf(authority.cert.replace('MII', 'MIM'))],
    [/ca\.pem: "CN=client" is no authority/, sourceOf(leaf.cert)],
    [/crl\.pem: no PEM block "X509 CRL"/, sourceOf(authority.cert, authority.cert)],
    [/no revocation list of "CN=Other"/, sourceOf(`${authority.cert}\n${other.cert}`, await authority.revoke([]))],
    [/crl\.pem: not signed by "CN=Test clients"/, sourceOf(authority.cert, await namesake.revoke([]))],
    [/crl\.pem: it covers only a part/, sourceOf(authority.cert, await authority.revoke([], undefined, [partial]))],
  ]
  for (const [message, source] of cases) assert.throws(() => createAuthorities(source), message)
})

test('bytes that are no certificate are not trusted, whatever they are', async () => {
  const authority = await createClientAuthority()
  const authorities = createAuthorities(sourceOf(authority.cert))
  const leaf = raw(await authority.issue())
  for (let i = 0; i < leaf.length; i += 3) {
    const damaged = Uint8Array.from(leaf)
    damaged[i] = (damaged[i] as number) ^ 0x55
    assert.notEqual(authorities.judge(damaged, [], Date.now()).problem, null)
    assert.notEqual(authorities.judge(leaf.subarray(0, i), [], Date.now()).problem, null)
  }
})
