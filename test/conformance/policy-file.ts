import { generateKeyPairSync } from 'node:crypto'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const keys = writeKeySet()

/** A policy file in which every policy has work to do. */
export function conformanceFile(upstream: string): string {
  return `version: 1
listen:
  https: { host: 127.0.0.1, port: 0, certificate: dev }
server: { workers: 1 }
log: { to: { file: portcullis.log } }
upstreams:
  test: { targets: ["${upstream}"] }
issuers:
  main: { issuer: "https://login.example.com/", audience: shop, keys: "file:${keys}" }
defaults:
  securityHeaders: { profile: strict, reportPath: /csp-reports }
  cors: { origins: ["https://app.example.com", "https://*.shop.example.com"] }
  bodyLimits: { maxBytes: 64KiB }
  session: { logout: { path: /logout } }
routes:
  - path: /orders/{id}
    methods: [GET]
    upstream: test
    authenticate: [apiKey, jwt]
    authorize: { roles: [customer] }
  - path: /orders
    methods: [POST]
    upstream: test
    authenticate: [apiKey]
    authorize: { roles: [customer], scopes: [write] }
    rateLimit: { limit: 90/min, per: principal }
    logBodies: { request: true, response: true, mask: ["/customer/iban"], reason: a test }
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
  - path: /open
    methods: [GET]
    upstream: test
    access: public
    reason: a test
    rateLimit: { limit: 30/min, per: ip }
`
}

/** The public half of a key that nobody holds: only forged tokens are ever shown to it. */
function writeKeySet(): string {
  const { publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const path = join(mkdtempSync(join(tmpdir(), 'portcullis-conformance-keys-')), 'jwks.json')
  const jwk = { ...publicKey.export({ format: 'jwk' }), kid: 'test', alg: 'RS256', use: 'sig' }
  writeFileSync(path, JSON.stringify({ keys: [jwk] }))
  return path
}
