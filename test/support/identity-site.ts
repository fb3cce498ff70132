import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { request } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { loadPolicies } from '../../src/runtime/load-policies.ts'
import { type System, startSystem } from '../../src/runtime/system.ts'
import type { Network } from './browser.ts'
import { createTestAuthority } from './certificate-authority.ts'
import { secrets } from './identity.ts'
import { type OidcServer, startOidcServer } from './oidc-server.ts'
import { startSite } from './site.ts'
import { startUpstreamServer } from './upstream-server.ts'

/** The identity server with everything that has a page, at an address of its own, and an API that takes its tokens. */
export interface IdentitySite {
  readonly folder: string
  readonly policyFile: string
  readonly origin: string
  readonly issuer: string
  readonly system: System
  readonly network: Network
  /** Another server that people log in through. */
  readonly office: OidcServer
  /** What clients and the API ask, without a browser. */
  ask(path: string, headers: Record<string, string>, body?: Record<string, string>): Promise<SiteAnswer>
  close(): Promise<void>
}

export interface SiteAnswer {
  readonly status: number
  readonly body: string
}

export const shop = 'shop.example.test'
export const redirectUri = `https://${shop}/callback`

export async function startIdentitySite(): Promise<IdentitySite> {
  const origin = 'https://api.example.test'
  const issuer = `${origin}/identity`
  const folder = await mkdtemp(join(tmpdir(), 'portcullis-identity-site-'))
  const authority = await createTestAuthority()
  const certificate = await authority.issue(['*.example.test'])
  const [site, upstream, office] = await Promise.all([startSite(certificate), startUpstreamServer(), startOidcServer()])
  office.register({ id: 'p', secret: secrets.web, redirectUri: `${issuer}/with/office/callback` })
  process.env.TEST_MASTER_KEY ??= randomBytes(32).toString('base64')
  process.env.TEST_WEB_SECRET = secrets.web
  const policyFile = join(folder, 'portcullis.yaml')
  await writeFile(join(folder, 'cert.pem'), certificate.cert)
  await writeFile(join(folder, 'key.pem'), certificate.key)
  await writeFile(join(folder, 'logo.svg'), logo)
  await writeFile(policyFile, toFile(issuer, upstream.url, office.issuer))
  const system = await startSystem({ load: () => loadPolicies(policyFile), watched: [] })
  const port = Number(new URL(system.listeners[0]?.url ?? '').port)
  const { host, port: officePort } = new URL(office.issuer)
  return {
    ...{ folder, policyFile, origin, issuer, system, office },
    network: {
      certificate,
      ports: { 'api.example.test:443': port, '*:443': site.httpsPort, [host]: Number(officePort) },
    },
    async ask(path, headers, body) {
      const form = body === undefined ? {} : { 'content-type': 'application/x-www-form-urlencoded' }
      const outgoing = request({
        ...{ host: '127.0.0.1', port, path, method: body === undefined ? 'GET' : 'POST' },
        ...{ ca: authority.ca, servername: 'api.example.test' },
        headers: { host: 'api.example.test', ...form, ...headers },
      })
      outgoing.end(body === undefined ? undefined : new URLSearchParams(body).toString())
      const [response] = await once(outgoing, 'response')
      return { status: response.statusCode as number, body: await text(response) }
    },
    async close() {
      await system.stop(200)
      for (const one of [site, upstream, office]) await one.close()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

const logo =
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 120 40"><path fill="#0a6b4a" d="M0 0h120v40H0z"/></svg>'

function toFile(issuer: string, target: string, office: string): string {
  return `version: 1
listen: { https: { host: 127.0.0.1, port: 0, certificate: { cert: file:cert.pem, key: file:key.pem } } }
server: { workers: 1 }
log: { to: { file: portcullis.log } }
upstreams: { api: { targets: ['${target}'] } }
secrets: { master: { key: env:TEST_MASTER_KEY } }
identity:
  issuer: ${issuer}
  mail: { folder: mails }
  signUp: open
  firstAdministrator: { roles: [admin] }
  providers:
    office:
      label: The works
      issuer: ${office}
      clientId: p
      clientSecret: env:TEST_WEB_SECRET
      responseMode: formPost
      allowPrivateAddress: { reason: a test }
  clients:
    - id: web
      name: The web shop
      secret: env:TEST_WEB_SECRET
      scopes: ['orders:read']
      redirectUris: ['${redirectUri}']
    - { id: television, name: The television, grants: [deviceCode], scopes: ['orders:read'] }
  tenants:
    north:
      pages: { name: The north, logo: 'file:logo.svg', colours: { main: '#0a6b4a', background: '#e7f3ee' } }
routes: [{ path: /orders, upstream: api, authenticate: [jwt], authorize: { scopes: ['orders:read'] } }]
`
}
