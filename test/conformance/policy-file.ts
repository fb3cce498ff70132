import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createSelfSigned } from '../../src/crypto/x509/self-signed.ts'

/** What the file names, for as long as this process lives. */
const folder = mkdtempSync(join(tmpdir(), 'portcullis-conformance-files-'))
process.once('exit', () => rmSync(folder, { recursive: true, force: true }))
const keys = writeKeySet()
const clients = writeClientAuthority()
const secret = writeSecret()
/** The master key, in Base64, of which the file names the file. */
export const masterKey = randomBytes(32).toString('base64')
const masterKeyFile = writeText('master.key', masterKey)
const cedar = writePolicies()
const schemaFile = writeSchema()

/** A policy file in which every policy has work to do. */
export function conformanceFile(upstream: string): string {
  return `version: 1
listen:
  https: { host: 127.0.0.1, port: 0, certificate: dev, clientCertificates: { ca: "file:${clients}" } }
server: { workers: 1 }
log: { to: { file: portcullis.log } }
upstreams:
  test: { targets: ["${upstream}"] }
issuers:
  main: { issuer: "https://login.example.com/", audience: shop, keys: "file:${keys}" }
secrets: { master: { key: "file:${masterKeyFile}" } }
schemas: { OrderLine: "${schemaFile}" }
policySets:
  reports: { policies: ["${cedar}"] }
defaults:
  securityHeaders: { profile: strict, reportPath: /csp-reports }
  cors: { origins: ["https://app.example.com", "https://*.shop.example.com"] }
  bodyLimits: { maxBytes: 64KiB }
  session: { logout: { path: /logout } }
  introspection:
    issuer: https://login.example.com/
    endpoint: https://127.0.0.1:1/introspect
    audience: shop
    client: { id: portcullis, secret: "file:${secret}" }
    allowPrivateAddress: { reason: nobody answers there }
  browserLogin:
    issuer: https://127.0.0.1:1/
    client: { id: portcullis, secret: "file:${secret}" }
    origin: https://app.example.com
    allowPrivateAddress: { reason: nobody answers there }
routes:
  - path: /desk
    methods: [GET]
    upstream: test
    authenticate: [browserLogin]
  - path: /orders/{id}
    methods: [GET]
    upstream: test
    authenticate: [apiKey, jwt]
    authorize: { roles: [customer] }
    dpop: { nonce: required }
  - path: /orders
    methods: [POST]
    upstream: test
    authenticate: [apiKey]
    authorize: { roles: [customer], scopes: [write] }
    rateLimit: { limit: 90/min, per: principal }
    logBodies: { request: true, response: true, mask: ["/customer/iban"], reason: a test }
  - path: /orders/{id}/lines
    methods: [PUT]
    upstream: test
    authenticate: [apiKey]
    validate:
      path: { id: { type: integer, minimum: 1 } }
      query: { dryRun: { type: boolean }, ids: { schema: { type: array, items: { type: integer }, minItems: 1 }, required: true } }
      headers: { X-Tenant: { schema: { type: string, pattern: "^[a-z]{3,8}$" }, required: true } }
      body: { application/json: OrderLine }
  - path: /parcels/{id}
    methods: [PUT]
    upstream: test
    access: public
    reason: a test
    validate: { openapi: "${writeDocument()}", basePath: /, responses: enforce }
  - path: /basket
    methods: [POST]
    upstream: test
    authenticate: [session]
    authorize: { roles: [customer] }
  - path: /login
    methods: [POST]
    upstream: test
    access: public
    reason: a test
    establishSession: { reason: a test }
  - path: /legacy
    methods: [POST]
    upstream: test
    access: public
    reason: a test
    csrf: { cookies: [sid], token: accept }
  - path: /cards
    methods: [POST]
    upstream: test
    authenticate: [apiKey]
    encryptFields: { context: customers, fields: { card: { at: [/card] } } }
  - path: /profiles
    methods: [GET]
    upstream: test
    authenticate: [apiKey]
    mask:
      values: { cardNumber: last4, email: hash }
      fields: { /birthday: remove }
      reveal: [{ roles: [customer], what: [email] }]
    answerTypes: { allow: [application/json] }
    errorMasking: { replace: all }
  - path: /payments
    methods: [POST]
    upstream: test
    authenticate: [session]
    stepUp: { acr: aal2, maxAge: 10m }
  - path: /reviews
    methods: [POST]
    upstream: test
    authenticate: [apiKey]
    injection: { urlFields: [{ in: body, at: /picture }] }
  - path: /notes
    methods: [POST]
    upstream: test
    access: public
    reason: a test
    structureLimits: { json: { maxDepth: 8 } }
  - path: /graphql
    methods: [POST]
    upstream: test
    access: public
    reason: a test
    graphql: { maxDepth: 6 }
  - path: /webhooks
    methods: [POST]
    upstream: test
    authenticate: [httpSignature]
    httpSignature:
      keys: [{ keyId: webhook, algorithm: hmac-sha256, secret: "file:${secret}", id: webhook }]
  - path: /machines
    methods: [GET]
    upstream: test
    authenticate: [mtls]
    mtls:
      authorities: { ca: "file:${clients}" }
      proxyField: client-cert
      identities: [{ match: { uri: "spiffe://example.org/reports" }, id: reports }]
  - path: /customers/{id}
    methods: [GET]
    upstream: test
    authenticate: [apiKey]
    authorize: { object: { rules: [{ param: id, equals: principal.id }], exempt: { roles: [support] } } }
  - path: /parcels/{id}
    methods: [GET]
    upstream: test
    authenticate: [apiKey]
    authorize: { object: { answer: /owner, equals: principal.id } }
  - path: /reports
    methods: [GET]
    upstream: test
    authenticate: [apiKey]
    authorize: { roles: [customer], policy: { set: reports, query: [kind] } }
  - path: /asked
    methods: [GET]
    upstream: test
    authenticate: [apiKey, introspection]
    authorize: { roles: [customer] }
  - path: /people
    methods: [GET]
    upstream: test
    authenticate: [basic]
    authorize: { roles: [customer] }
  - path: /office
    methods: [GET]
    upstream: test
    ipAccess: { allow: ["127.0.0.0/8", "::1/128"], deny: ["127.9.9.9"] }
    access: public
    reason: a test
  - path: /internal
    methods: [GET]
    upstream: test
    ipAccess: { allow: ["10.0.0.0/8"] }
    access: public
    reason: a test of a closed door
  - path: /pictures
    methods: [POST]
    upstream: test
    authenticate: [apiKey]
    uploads: { fields: { picture: { types: [image/png] } } }
  - path: /open
    methods: [GET]
    upstream: test
    access: public
    reason: a test
    rateLimit: { limit: 30/min, per: ip }
    answerTypes: { allow: [application/json] }
`
}

/** A body that names what it takes. */
function writeSchema(): string {
  const count = { type: 'integer', minimum: 1, maximum: 100 }
  writeText('common.json', JSON.stringify({ $defs: { count } }))
  const properties = { sku: { type: 'string', maxLength: 20 }, count: { $ref: 'common.json#/$defs/count' } }
  return writeText('line.json', JSON.stringify({ type: 'object', required: ['sku', 'count'], properties }))
}

/** The same in a document. */
function writeDocument(): string {
  const body = { type: 'object', required: ['sku'], properties: { sku: { type: 'string', maxLength: 20 } } }
  const parameters = [
    { name: 'parcel-id', in: 'path', required: true, schema: { type: 'integer', minimum: 1 } },
    { name: 'dryRun', in: 'query', schema: { type: 'boolean' } },
  ]
  const responses = { 200: { description: 'kept', content: { 'application/json': { schema: body } } } }
  const requestBody = { required: true, content: { 'application/json': { schema: body } } }
  const paths = { '/parcels/{parcel-id}': { put: { parameters, requestBody, responses } } }
  return writeText('openapi.json', JSON.stringify({ openapi: '3.1.0', paths }))
}

/** A secret that nobody knows. */
function writeSecret(): string {
  return writeText('secret', randomBytes(32).toString('hex'))
}

/** An authority that has issued nothing. */
function writeClientAuthority(): string {
  const { cert } = createSelfSigned({ subject: [['2.5.4.3', 'Clients']], isAuthority: true, now: Date.now() })
  return writeText('clients.pem', cert)
}

/** The public half of a key that nobody holds: only forged tokens are ever shown to it. */
function writeKeySet(): string {
  const { publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const jwk = { ...publicKey.export({ format: 'jwk' }), kid: 'test', alg: 'RS256', use: 'sig' }
  return writeText('jwks.json', JSON.stringify({ keys: [jwk] }))
}

function writePolicies(): string {
  return writeText('reports.cedar', 'permit (principal in Role::"customer", action, resource);')
}

function writeText(name: string, text: string): string {
  const file = join(folder, name)
  writeFileSync(file, text)
  return file
}
