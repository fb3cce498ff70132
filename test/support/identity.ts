import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { hashPassword } from '../../src/crypto/passwords/default-hasher.ts'
import type { AccountRecord } from '../../src/stores/ports/account-store.ts'
import { openSqliteStore } from '../../src/stores/sqlite/sqlite-store.ts'
import { findFreePort } from './free-port.ts'
import { type ServedGateway, serveGateway } from './served-gateway.ts'
import { startUpstreamServer, type TestUpstreamServer } from './upstream-server.ts'

/** A gateway with the identity server, and an API behind it that accepts its tokens. */
export interface ServedIdentity {
  readonly gateway: ServedGateway
  readonly upstream: TestUpstreamServer
  readonly origin: string
  readonly issuer: string
  /** Asks the API, with what stands in `Authorization`. */
  callApi(authorization: string, headers?: Record<string, string>): Promise<Response>
  stop(): Promise<void>
}

export const secrets = { batch: randomBytes(32).toString('base64url'), web: randomBytes(32).toString('base64url') }
export const password = 'correct horse battery staple'

export interface IdentityFile {
  /** Lines of the block `identity` beside those that are always there. */
  readonly identity?: string
  /** Lines of `routes` beside those that are always there. */
  readonly routes?: string
  /** Further clients, each a line of YAML's flow style. */
  readonly clients?: readonly string[]
  readonly workers?: number
  readonly data?: string
  /** What the issuer calls its host: passkeys need a name. */
  readonly host?: string
  /** Where another instance answers, whose name this one has too. */
  readonly issuerOrigin?: string
}

/** Where the redirects of the tests' clients lead: nobody is there, and nobody has to be. */
export const callback = 'http://127.0.0.1/callback'

export function toPolicyFile(
  origin: string,
  upstream: string,
  { identity = '', clients = [], routes = '', workers = 2, data, issuerOrigin = origin }: IdentityFile,
): string {
  return `version: 1
listen: { http: { host: 127.0.0.1, port: ${new URL(origin).port}, serve: true, reason: a test } }
server: { workers: ${workers} }
${data === undefined ? '' : `data: ${data}`}
upstreams: { api: { targets: ['${upstream}'] } }
secrets: { master: { key: env:TEST_MASTER_KEY } }
identity:
  issuer: ${issuerOrigin}/identity
  clients:
    - { id: batch, secret: env:TEST_BATCH_SECRET, grants: [clientCredentials], scopes: ['orders:read'], roles: [job] }
    - id: web
      name: The web shop
      secret: env:TEST_WEB_SECRET
      scopes: ['orders:read', 'orders:write']
      redirectUris: ['https://shop.example.test/callback']
      postLogoutRedirectUris: ['https://shop.example.test/bye']
    - { id: cli, scopes: ['orders:read'], redirectUris: ['${callback}'], consent: given }
    - { id: api, secret: env:TEST_WEB_SECRET, grants: [clientCredentials], introspects: all }
${clients.map((client) => `    - ${client}\n`).join('')}${identity}
defaults: { rateLimit: { limit: 100000/min, per: ip } }
routes:
  - { path: /orders, upstream: api, authenticate: [jwt], authorize: { scopes: ['orders:read'] } }
  - { path: /payments, upstream: api, authenticate: [jwt], stepUp: { acr: aal2, maxAge: 10m } }
  - { path: /bound, upstream: api, authenticate: [jwt], dpop: {} }
${routes}
`
}

export async function serveIdentity(file: IdentityFile = {}): Promise<ServedIdentity> {
  process.env.TEST_MASTER_KEY ??= randomBytes(32).toString('base64')
  process.env.TEST_BATCH_SECRET = secrets.batch
  process.env.TEST_WEB_SECRET = secrets.web
  const upstream = await startUpstreamServer()
  const origin = `http://${file.host ?? '127.0.0.1'}:${await findFreePort()}`
  const gateway = await serveGateway(toPolicyFile(origin, upstream.url, file))
  return {
    gateway,
    upstream,
    origin,
    issuer: `${origin}/identity`,
    callApi: (authorization, headers = {}) => fetch(`${origin}/orders`, { headers: { authorization, ...headers } }),
    async stop() {
      await gateway.stop()
      await upstream.close()
    },
  }
}

/** Made once: it is slow, as it should be. */
let hashed: Promise<string> | undefined

/** Puts an account beside those that the gateway has. */
export async function createAccount(folder: string, values: Partial<AccountRecord> = {}): Promise<void> {
  const store = await openSqliteStore({ path: join(folder, 'data', 'portcullis.db') })
  const common = {
    id: 'account-alice',
    tenant: null,
    username: 'alice',
    scopes: [],
    attributes: {},
    createdAt: Date.now(),
  }
  hashed ??= hashPassword(password)
  const passwordHash = await hashed
  await store.accounts.create({ ...common, roles: ['customer'], passwordHash, ...values })
  store.close()
}
