import assert from 'node:assert/strict'
import { generateKeyPairSync, type KeyObject, randomBytes } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { createTestIssuer, createTestKey, type TestIssuer } from '../../test/support/issuer.ts'
import { startUpstreamServer, type TestUpstreamServer } from '../../test/support/upstream-server.ts'
import { createProvide } from '../core/ports.ts'
import { silentLog } from '../core/telemetry.ts'
import { openSqliteStore } from '../stores/sqlite/sqlite-store.ts'
import type { Store } from '../stores/store.ts'
import { loadPolicies } from './load-policies.ts'
import type { ProveOptions } from './prove/options.ts'
import { prove } from './prove.ts'
import { writePorts } from './store-ports.ts'
import { type System, startSystem } from './system.ts'

const honest = 'a caller with a valid credential passes'
const issuerKey = createTestKey('ES256')
const signer = { ...generateKeyPairSync('ed25519'), rsa: generateKeyPairSync('rsa', { modulusLength: 2048 }) }
const toPem = (key: KeyObject) => String(key.export({ type: 'pkcs8', format: 'pem' }))

function policyFile(issuer: TestIssuer, upstream: string): string {
  return `version: 1
listen:
  http: { host: 127.0.0.1, port: 0, serve: true, reason: a test }
server: { workers: 1 }
data: sqlite:portcullis.db
log: { to: { file: portcullis.log } }
upstreams:
  test: { targets: ["${upstream}"] }
issuers:
  main:
    issuer: "${issuer.url}"
    audience: shop
    jwksUrl: "${issuer.jwksUrl}"
    allowPrivateAddress: { reason: a test }
    allowPlainHttp: { reason: a test }
    rolesClaim: realm_access.roles
    rolesMap: { everybody: [customer, guest], grp-customers: customer, grp-editors: editor }
    scopesPrefix: "shop:"
    tenantClaim: org
policySets:
  people: { policies: [people.cedar] }
tenantRoles: { north: { roles: { editor: {} } } }
defaults: { rateLimit: { limit: 10000/s, per: ip } }
routes:
  - path: /orders
    methods: [POST]
    upstream: test
    authenticate: [jwt]
    authorize: { roles: [customer], scopes: [write] }
  - path: /north
    methods: [GET]
    upstream: test
    authenticate: [jwt]
    authorize: { roles: [editor] }
  - path: /people
    methods: [GET]
    upstream: test
    authenticate: [jwt]
    jwt: { issuers: [main] }
    authorize: { policy: people }
    cors: { origins: ["https://app.example.com"] }
  - path: /hmac/{id}
    methods: [POST]
    upstream: test
    authenticate: [httpSignature]
    authorize: { roles: [machine] }
    httpSignature:
      components: ["@method", "@target-uri", date, content-digest]
      tag: shop
      keys:
        - { keyId: nobody, algorithm: hmac-sha256, secret: "file:hmac", id: nobody }
        - { keyId: machine, algorithm: hmac-sha256, secret: "file:hmac", id: machine, roles: [machine] }
  - path: /ed25519
    methods: [GET]
    upstream: test
    authenticate: [httpSignature]
    httpSignature: { keys: [{ keyId: ed, algorithm: ed25519, publicKey: "file:ed.pub", id: ed }] }
  - path: /rsa
    methods: [PUT]
    upstream: test
    authenticate: [httpSignature]
    httpSignature: { nonce: required, keys: [{ keyId: rsa, algorithm: rsa-pss-sha512, publicKey: "file:rsa.pub", id: rsa }] }
`
}

let folder: string
let upstream: TestUpstreamServer
let issuer: TestIssuer
let system: System
let store: Store

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'portcullis-prove-'))
  upstream = await startUpstreamServer()
  issuer = await createTestIssuer(issuerKey)
  const write = (name: string, text: string) => writeFile(join(folder, name), text)
  await write('portcullis.yaml', policyFile(issuer, upstream.url))
  await write('hmac', randomBytes(32).toString('hex'))
  await write('ed.pub', String(signer.publicKey.export({ type: 'spki', format: 'pem' })))
  await write('rsa.pub', String(signer.rsa.publicKey.export({ type: 'spki', format: 'pem' })))
  await write('people.cedar', 'permit (principal, action, resource) when { principal.id == "alice" };')
  system = await startSystem({ load: () => loadPolicies(join(folder, 'portcullis.yaml')), watched: [] })
  store = await openSqliteStore({ path: join(folder, 'portcullis.db') })
})
after(async () => {
  await store?.close()
  await system?.stop(200)
  issuer?.close()
  await upstream?.close()
  await rm(folder, { recursive: true, force: true })
})

const run = (more: Partial<ProveOptions> = {}) =>
  prove({
    snapshot: system.snapshot,
    https: null,
    http: new URL(system.listeners[0]?.url as string),
    ca: null,
    headers: [],
    only: null,
    provide: createProvide(writePorts(store.db)),
    log: silentLog,
    ...more,
  })

const keys = () =>
  new Map([
    ['main', toPem(issuerKey.privateKey)],
    ['ed', toPem(signer.privateKey)],
    ['rsa', toPem(signer.rsa.privateKey)],
  ])

const bad = (results: Awaited<ReturnType<typeof run>>) =>
  results
    .filter(({ verdict }) => verdict === 'fail')
    .map(({ route, probe, got, reason }) => [route, probe, got, reason])

describe('honest callers', () => {
  test('of every kind pass with the keys of callers, and nothing that is refused does', async () => {
    const results = await run({ keys: keys(), only: ['jwt', 'http-signature', 'rbac', 'rate-limit', 'body-limits'] })
    assert.deepEqual([...new Set(bad(results).map(([route]) => route))], ['GET /people'], 'only alice may')
    const passed = results
      .filter(({ probe, verdict }) => probe === honest && verdict === 'pass')
      .map(({ route }) => route)
    assert.deepEqual(passed, ['POST /orders', 'GET /north', 'POST /hmac/{id}', 'GET /ed25519', 'PUT /rsa'])
    assert.equal(upstream.seen.length, 0)
  })

  test('need no key where the policy file names a secret that both sides share', async () => {
    const results = await run({ only: ['http-signature', 'jwt'] })
    const verdicts = results.filter(({ probe }) => probe === honest).map(({ route, verdict }) => `${route} ${verdict}`)
    assert.deepEqual(verdicts, [
      'POST /orders skip',
      'GET /north skip',
      'GET /people skip',
      'POST /hmac/{id} pass',
      'GET /ed25519 skip',
      'PUT /rsa skip',
    ])
  })

  test('that are given come before those that are minted where a policy may ask who they are', async () => {
    const alice = await issuer.sign({ sub: 'alice', org: 'shop', realm_access: { roles: [] } })
    const headers = [['authorization', `Bearer ${alice}`]] as const
    const results = await run({ keys: keys(), headers })
    assert.deepEqual(bad(results), [])
    const passed = results
      .filter(({ probe, verdict }) => probe === honest && verdict === 'pass')
      .map(({ route }) => route)
    assert.ok(passed.includes('GET /people') && passed.includes('POST /orders'), passed.join())
  })

  test('are refused with the key of another', async () => {
    const results = await run({ keys: new Map([['main', toPem(createTestKey('ES256').privateKey)]]), only: ['jwt'] })
    assert.deepEqual(
      results.filter(({ probe }) => probe === honest).map(({ verdict, got }) => [verdict, got.slice(0, 3)]),
      [
        ['fail', '401'],
        ['fail', '401'],
        ['fail', '401'],
      ],
    )
  })
})

test('a key that cannot be used is named', async () => {
  await assert.rejects(run({ keys: new Map([['main', 'nonsense']]) }), /the key for "main" is no private key/)
  await assert.rejects(
    run({ keys: new Map([['ed', toPem(issuerKey.privateKey)]]) }),
    /a key of type ec is none for ed25519/,
  )
})
