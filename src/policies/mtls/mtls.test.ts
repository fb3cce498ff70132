import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import { type ClientAuthority, createClientAuthority, type x509 } from '../../../test/support/client-certificates.ts'
import {
  createTestPipeline,
  parseTestOptions,
  runTestExchange,
  type TestPipeline,
  type TestRequest,
} from '../../../test/support/exchange.ts'
import type { ClientCertificate } from '../../core/client-certificate.ts'
import { readPemBlocks } from '../../crypto/x509/pem.ts'
import { createSelfSigned } from '../../crypto/x509/self-signed.ts'
import { mtls } from './index.ts'
import type { MtlsOptions } from './options.ts'

type Issued = Awaited<ReturnType<ClientAuthority['issue']>>

let authority: ClientAuthority
let between: ClientAuthority
before(async () => {
  authority = await createClientAuthority()
  between = await authority.issueAuthority()
})

const reports = { match: { uri: 'spiffe://example.org/reports' }, id: 'reports', roles: ['reader'], tenant: 'north' }

const createRoute = (options: unknown, secrets: Record<string, string> = {}): Promise<TestPipeline> =>
  createTestPipeline([{ policy: mtls, options }], { authenticated: true }, { secrets })

const der = (certificate: { x509: x509.X509Certificate }) => Buffer.from(certificate.x509.rawData)

async function show(certificate: Issued, more: Partial<ClientCertificate> = {}): Promise<ClientCertificate> {
  const thumbprint = Buffer.from(await certificate.x509.getThumbprint('SHA-256')).toString('base64url')
  return { raw: der(certificate), thumbprint, trusted: true, ...more }
}

async function call(options: unknown, certificate: Issued, more: Partial<ClientCertificate> = {}) {
  const pipeline = await createRoute(options)
  return runTestExchange({ pipeline, clientCertificate: await show(certificate, more) })
}

test('a certificate identifies its caller, with what the file grants', async () => {
  const names = [{ type: 'url', value: 'spiffe://example.org/reports' }] as const
  const leaf = await authority.issue({ subject: 'CN=some, O=Example', names })
  const shown = await show(leaf)
  const { exchange, forwarded } = await call({ identities: [reports] }, leaf)
  assert.ok(forwarded)
  assert.deepEqual(exchange.principal, {
    id: 'reports',
    kind: 'service',
    issuer: 'portcullis',
    tenant: 'north',
    roles: ['reader'],
    scopes: [],
    attributes: { certificateSubject: 'CN=some, O=Example' },
    credential: { policy: 'mtls', id: shown.thumbprint },
    assurance: null,
    confirmation: null,
    proofOfPossession: shown.thumbprint,
    expiresAt: leaf.x509.notAfter.getTime(),
  })
})

test('every kind of match: exact names, the end or beginning of one, the whole subject, the certificate itself', async () => {
  const leaf = await authority.issue({
    subject: 'C=DE, O=Example, CN=billing',
    names: [
      { type: 'dns', value: 'Billing.devices.example.com' },
      { type: 'email', value: 'ops@example.com' },
      { type: 'url', value: 'spiffe://example.org/jobs/billing' },
    ],
  })
  const fingerprint = Buffer.from(await leaf.x509.getThumbprint('SHA-256')).toString('hex')
  const colons = fingerprint.toUpperCase().replace(/..(?!$)/g, '$&:')
  const fits: [unknown, string, string][] = [
    [{ match: { dns: 'billing.DEVICES.example.com' }, id: 'a' }, 'a', 'portcullis'],
    [{ match: { dns: 'billing.devices.example.com' } }, 'billing.devices.example.com', 'certificate'],
    [{ match: { dnsSuffix: '.devices.example.com' } }, 'billing.devices.example.com', 'certificate'],
    [{ match: { uriPrefix: 'spiffe://example.org/jobs/' } }, 'spiffe://example.org/jobs/billing', 'certificate'],
    [{ match: { email: 'ops@example.com' } }, 'ops@example.com', 'certificate'],
    [{ match: { subject: [{ C: 'DE' }, { O: 'Example' }, { CN: 'billing' }] }, id: 'b' }, 'b', 'portcullis'],
    [{ match: { fingerprint: colons }, id: 'c' }, 'c', 'portcullis'],
  ]
  for (const [identity, id, issuer] of fits) {
    const { exchange } = await call({ identities: [identity] }, leaf)
    assert.deepEqual([exchange.principal?.id, exchange.principal?.issuer], [id, issuer], JSON.stringify(identity))
  }
  const misses = [
    { match: { dns: 'billing' }, id: 'x' },
    { match: { dns: 'devices.example.com' }, id: 'x' },
    // What the subject calls it is no alternative name, and the other way round.
    { match: { uri: 'billing' }, id: 'x' },
    { match: { subject: [{ CN: 'billing.devices.example.com' }] }, id: 'x' },
    { match: { subject: [{ CN: 'billing' }] }, id: 'x' },
    { match: { subject: [{ CN: 'billing' }, { O: 'Example' }, { C: 'DE' }] }, id: 'x' },
    { match: { subject: [{ C: 'DE' }, { O: 'example' }, { CN: 'billing' }] }, id: 'x' },
    { match: { subject: [{ C: 'DE', O: 'Example', CN: 'billing' }] }, id: 'x' },
    { match: { fingerprint: '00'.repeat(32) }, id: 'x' },
  ]
  for (const identity of misses) {
    const { code, status } = await call({ identities: [identity] }, leaf)
    assert.deepEqual([code, status], ['mtls_unknown', 401], JSON.stringify(identity))
  }
})

test('a subject that only looks the same as text is another one', async () => {
  const identities = [{ match: { subject: [{ O: 'Example' }, { CN: 'admin' }] }, id: 'admin' }]
  assert.ok((await call({ identities }, await authority.issue({ subject: 'O=Example, CN=admin' }))).forwarded)
  for (const subject of ['CN=admin\\, O\\=Example', 'O=Example\\, CN\\=admin', 'O=Example+CN=admin', 'CN=admin']) {
    assert.equal((await call({ identities }, await authority.issue({ subject }))).code, 'mtls_unknown', subject)
  }
})

test('a certificate of two callers stands for none; the same name twice is one', async () => {
  const other = { match: { dns: 'admin.example.com' }, id: 'admin' }
  const uri = { type: 'url', value: 'spiffe://example.org/reports' } as const
  const dns = { type: 'dns', value: 'admin.example.com' } as const
  const identities = [reports, other]
  assert.equal((await call({ identities }, await authority.issue({ names: [uri, dns] }))).code, 'mtls_ambiguous')
  assert.ok((await call({ identities }, await authority.issue({ names: [uri, uri] }))).forwarded)
  const devices = [{ match: { dnsSuffix: '.example.com' } }]
  const two = await authority.issue({ names: [dns, { type: 'dns', value: 'other.example.com' }] })
  assert.equal((await call({ identities: devices }, two)).code, 'mtls_ambiguous')
})

test('names that could be read in two ways stand for nobody', async () => {
  const identities = [{ match: { dnsSuffix: '.example.com' } }, { match: { uriPrefix: 'spiffe://example.org/jobs/' } }]
  const names = [
    ['dns', '*.example.com'],
    ['dns', '.example.com'],
    ['dns', 'a..example.com'],
    ['url', 'spiffe://example.org/jobs/../admin'],
    ['url', 'spiffe://example.org/jobs/'],
    ['url', 'spiffe://example.org/jobs/a//b'],
    ['url', 'spiffe://example.org/jobs/a%2fb'],
    ['url', 'spiffe://example.org/jobs/a?b'],
  ] as const
  for (const [type, value] of names) {
    const leaf = await authority.issue({ names: [{ type, value }] })
    assert.equal((await call({ identities }, leaf)).code, 'mtls_unknown', value)
  }
  const withNul = await authority.issue({ names: [{ type: 'dns', value: 'admin.example.com\0.evil.example' }] })
  const exact = [{ match: { dns: 'admin.example.com' }, id: 'admin' }]
  const { code, exchange } = await call({ identities: exact }, withNul)
  assert.equal(code, 'mtls_untrusted')
  assert.match(exchange.refusal?.detail ?? '', /characters that it cannot have/)
})

test('without a certificate there is no credential; one that is not trusted is refused, all in one wording', async () => {
  const pipeline = await createRoute({ identities: [reports] })
  const leaf = await authority.issue()
  const answers = [
    await runTestExchange({ pipeline }),
    await runTestExchange({ pipeline, scheme: 'http' }),
    await runTestExchange({ pipeline, clientCertificate: await show(leaf) }),
    await runTestExchange({
      pipeline,
      clientCertificate: await show(leaf, { trusted: false, problem: 'revoked' }),
    }),
  ]
  assert.deepEqual(
    answers.map(({ code }) => code),
    ['credential_missing', 'credential_missing', 'mtls_unknown', 'mtls_untrusted'],
  )
  const shown = new Set(answers.map(({ status, body, headers }) => JSON.stringify([status, body, headers.flat])))
  assert.equal(shown.size, 1)
  assert.equal(answers[0]?.status, 401)
  assert.equal(answers[3]?.exchange.refusal?.detail, 'revoked')
})

test('a route may trust fewer authorities than the listener', async () => {
  const other = await createClientAuthority({ subject: 'CN=Other' })
  const names = [{ type: 'url', value: 'spiffe://example.org/reports' }] as const
  const options = { identities: [reports], authorities: { ca: 'file:ca.pem' } }
  const pipeline = await createRoute(options, { 'file:ca.pem': authority.cert })
  const good = await show(await authority.issue({ names }))
  assert.ok((await runTestExchange({ pipeline, clientCertificate: good })).forwarded)
  const chained = await show(await between.issue({ names }), { chain: [new Uint8Array(between.x509.rawData)] })
  assert.ok((await runTestExchange({ pipeline, clientCertificate: chained })).forwarded)
  const bad = await show(await other.issue({ names }))
  assert.equal((await runTestExchange({ pipeline, clientCertificate: bad })).code, 'mtls_untrusted')
  assert.ok((await call({ identities: [reports] }, await other.issue({ names }))).forwarded)
})

const proxied = { identities: [reports], authorities: { ca: 'file:ca.pem', crl: 'file:crl.pem' } }
const names = [{ type: 'url', value: 'spiffe://example.org/reports' }] as const

async function createProxied(proxyField: MtlsOptions['proxyField'], revoked: readonly x509.X509Certificate[] = []) {
  const crl = (await authority.revoke(revoked)) + (await between.revoke([]))
  return createRoute({ ...proxied, proxyField }, { 'file:ca.pem': authority.cert, 'file:crl.pem': crl })
}

test('a proxy of ours hands the certificate over, which is verified here', async () => {
  const [leaf, revoked] = [await authority.issue({ names }), await authority.issue({ names })]
  const chained = await between.issue({ names })
  const bytes = (one: { x509: x509.X509Certificate }) => `:${der(one).toString('base64')}:`
  const pipeline = await createProxied('client-cert', [revoked.x509])
  const send = (proxyFields: TestRequest['proxyFields']) =>
    runTestExchange({ pipeline, ...(proxyFields && { proxyFields }) })
  const good = await send({ 'client-cert': bytes(leaf) })
  assert.ok(good.forwarded)
  assert.equal(good.exchange.principal?.id, 'reports')
  assert.ok((await send({ 'client-cert': bytes(chained), 'client-cert-chain': bytes(between) })).forwarded)
  const twoFields: [string, string][] = [
    ['client-cert', bytes(chained)],
    ['client-cert-chain', bytes(between)],
    ['client-cert-chain', bytes(authority)],
  ]
  assert.ok((await send(twoFields)).forwarded)

  const self = createSelfSigned({ subject: [], names: { uri: reports.match.uri }, now: Date.now() })
  const forged = `:${readPemBlocks(self.cert, 'CERTIFICATE')[0]?.toString('base64')}:`
  const cases: [string, TestRequest['proxyFields']][] = [
    ['credential_missing', {}],
    ['credential_missing', { 'client-cert': '' }],
    ['mtls_untrusted', { 'client-cert': forged }],
    ['mtls_untrusted', { 'client-cert': bytes(revoked) }],
    ['mtls_untrusted', { 'client-cert': bytes(between) }],
    ['mtls_untrusted', { 'client-cert': ':AAAA:' }],
    ['mtls_field_invalid', { 'client-cert': der(leaf).toString('base64') }],
    ['mtls_field_invalid', { 'client-cert': `${bytes(leaf)};a=1` }],
    ['mtls_field_invalid', { 'client-cert': `${bytes(leaf)}, ${bytes(leaf)}` }],
    ['mtls_field_invalid', { 'client-cert': ':====:' }],
    ['mtls_field_invalid', { 'client-cert': `:${'A'.repeat(40_000)}:` }],
    ['mtls_field_invalid', { 'client-cert': bytes(leaf), 'client-cert-chain': 'x' }],
    ['mtls_field_invalid', { 'client-cert': bytes(leaf), 'client-cert-chain': Array(9).fill(bytes(leaf)).join() }],
    [
      'mtls_field_invalid',
      [
        ['client-cert', bytes(leaf)],
        ['client-cert', bytes(leaf)],
      ],
    ],
    [
      'mtls_field_invalid',
      [
        ['client-cert', ''],
        ['client-cert', bytes(leaf)],
      ],
    ],
  ]
  for (const [code, fields] of cases) assert.equal((await send(fields)).code, code, JSON.stringify(fields))
})

test('the field of NGINX holds PEM in URL escapes', async () => {
  const leaf = await authority.issue({ names })
  const pipeline = await createProxied('x-ssl-client-cert')
  const send = (value: string) => runTestExchange({ pipeline, proxyFields: { 'x-ssl-client-cert': value } })
  assert.ok((await send(encodeURIComponent(`${leaf.cert}\n`))).forwarded)
  for (const value of [leaf.cert.slice(0, 40), '%', '%ff', 'none', encodeURIComponent(leaf.cert + leaf.cert)]) {
    assert.equal((await send(value)).code, 'mtls_field_invalid', value.slice(0, 60))
  }
})

test('the field counts from a trusted proxy only, and a proxy is not its client', async () => {
  const leaf = await authority.issue({ names })
  const pipeline = await createProxied('client-cert')
  const value = `:${der(leaf).toString('base64')}:`
  const direct = await runTestExchange({ pipeline, headers: { 'client-cert': value } })
  assert.equal(direct.code, 'credential_missing')
  // The proxy's own certificate, on behalf of a client that showed none.
  const own = { pipeline, proxyFields: {}, clientCertificate: await show(leaf) }
  assert.equal((await runTestExchange(own)).code, 'credential_missing')
  const without = await createRoute({ identities: [reports] })
  const ignored = await runTestExchange({ pipeline: without, proxyFields: { 'client-cert': value } })
  assert.equal(ignored.code, 'credential_missing')
})

test('lists that have expired refuse, and are told at the start', async () => {
  const expired = await authority.revoke([], { from: -2, to: -1 })
  const options = { ...proxied, proxyField: 'client-cert' }
  const pipeline = await createRoute(options, { 'file:ca.pem': authority.cert, 'file:crl.pem': expired })
  assert.equal(pipeline.log[0]?.event, 'revocation_list_expired')
  const leaf = await authority.issue({ names })
  const value = `:${der(leaf).toString('base64')}:`
  const { code, exchange } = await runTestExchange({ pipeline, proxyFields: { 'client-cert': value } })
  assert.deepEqual([code, exchange.refusal?.detail], ['mtls_untrusted', 'the revocation list has expired'])
})

test('a certificate that was trusted is asked about again when its time is over', async () => {
  let clock = Date.now()
  const leaf = await authority.issue({ names })
  const secrets = { 'file:ca.pem': authority.cert, 'file:crl.pem': await authority.revoke([]) }
  const pipeline = await createTestPipeline(
    [{ policy: mtls, options: proxied }],
    { authenticated: true },
    { secrets, now: () => clock },
  )
  const clientCertificate = await show(leaf)
  for (let i = 0; i < 2; i++) assert.ok((await runTestExchange({ pipeline, clientCertificate })).forwarded)
  clock += 86_400_001
  assert.equal((await runTestExchange({ pipeline, clientCertificate })).code, 'mtls_untrusted')
})

test('options that cannot work are refused', async () => {
  const identity = (match: unknown, id: string | undefined = 'a') => ({ identities: [{ match, ...(id && { id }) }] })
  for (const wrong of [
    {},
    { identities: [] },
    identity({}),
    identity({ dns: 'a', uri: 'b:c' }),
    identity({ dns: 'a\0b' }),
    identity({ dnsSuffix: 'example.com' }),
    identity({ uriPrefix: 'spiffe://example.org' }),
    identity({ subject: [] }),
    identity({ subject: 'CN=a' }),
    identity({ subject: [{ cn: 'a' }] }),
    identity({ fingerprint: 'ab' }),
    identity({ subject: [{ CN: 'a' }] }, ''),
    identity({ fingerprint: '00'.repeat(32) }, ''),
    { ...identity({ dns: 'a' }), authorities: { ca: 'ca.pem' } },
    { ...identity({ dns: 'a' }), proxyField: 'client-cert' },
    { ...identity({ dns: 'a' }), authorities: { ca: 'file:a' }, proxyField: 'x-other' },
    { ...identity({ dns: 'a' }), subject: true },
  ]) {
    assert.throws(() => parseTestOptions(mtls, wrong), JSON.stringify(wrong))
  }
  await assert.rejects(createRoute({ ...identity({ dns: 'a' }), authorities: { ca: 'file:none.pem' } }), /none\.pem/)
  const problems = (...matches: unknown[]) => {
    const options = parseTestOptions(mtls, { identities: matches.map((match) => ({ match, id: 'a' })) })
    return mtls.check(options as MtlsOptions).length
  }
  assert.equal(problems({ dns: 'a' }, { dns: 'b' }, { uri: 'a' }), 0)
  assert.equal(problems({ dns: 'a' }, { dns: 'A' }), 1)
  assert.equal(problems({ dns: 'a.b.c' }, { dnsSuffix: '.c' }), 1)
  assert.equal(problems({ uriPrefix: 'spiffe://a/b/' }, { uriPrefix: 'spiffe://a/' }), 1)
})

test('inheritance: a route may know fewer callers and trust fewer authorities', () => {
  const parse = (options: unknown) => parseTestOptions(mtls, options) as MtlsOptions
  const compose = (inherited: unknown, own: unknown) => mtls.compose(parse(inherited), parse(own))
  const two = { identities: [reports, { match: { dns: 'a' } }] }
  assert.equal(compose(two, two), 'tighter')
  assert.equal(compose(two, { identities: [reports] }), 'tighter')
  assert.equal(compose({ identities: [reports] }, two), 'looser')
  assert.equal(compose(two, { identities: [{ ...reports, roles: ['admin'] }] }), 'looser')
  const own = { authorities: { ca: 'file:a' } }
  assert.equal(compose(two, { ...two, ...own }), 'tighter')
  assert.equal(compose({ ...two, ...own }, two), 'looser')
  assert.equal(compose({ ...two, ...own }, { ...two, authorities: { ca: 'file:b' } }), 'looser')
  assert.equal(compose({ ...two, ...own }, { ...two, ...own, proxyField: 'client-cert' }), 'looser')
})
