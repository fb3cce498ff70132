import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import * as oauth from 'oauth4webapi'
import * as client from 'openid-client'
import { Agent, fetch as fetchWith } from 'undici'
import type { IssuedCertificate } from '../support/certificate-authority.ts'
import { type ClientAuthority, createClientAuthority } from '../support/client-certificates.ts'
import { findFreePort } from '../support/free-port.ts'
import { type ServedGateway, serveGateway } from '../support/served-gateway.ts'
import { startUpstreamServer, type TestUpstreamServer } from '../support/upstream-server.ts'

describe('a client with a certificate', () => {
  let gateway: ServedGateway
  let upstream: TestUpstreamServer
  let origin: string
  let authority: ClientAuthority
  let shown: Record<'reports' | 'named' | 'own' | 'stranger' | 'forged', IssuedCertificate>
  const agents: Agent[] = []

  before(async () => {
    process.env.TEST_MASTER_KEY ??= randomBytes(32).toString('base64')
    upstream = await startUpstreamServer()
    origin = `https://127.0.0.1:${await findFreePort()}`
    authority = await createClientAuthority()
    const untrusted = await createClientAuthority({ subject: 'CN=Untrusted' })
    const uri = (value: string) => ({ names: [{ type: 'url' as const, value }] })
    shown = {
      reports: await authority.issue(uri('spiffe://example.org/reports')),
      named: await authority.issue({ subject: 'CN=named,O=Example' }),
      own: await untrusted.issue({ subject: 'CN=own' }),
      stranger: await authority.issue(uri('spiffe://example.org/stranger')),
      forged: await untrusted.issue(uri('spiffe://example.org/reports')),
    }
    gateway = await serveGateway(async (folder) => {
      await writeFile(join(folder, 'ca.pem'), authority.cert)
      await writeFile(join(folder, 'own.pem'), shown.own.cert)
      const machine = "grants: [clientCredentials], scopes: ['orders:read']"
      return `version: 1
listen:
  https: { host: 127.0.0.1, port: ${new URL(origin).port}, certificate: dev, clientCertificates: { ca: file:ca.pem } }
server: { workers: 1 }
upstreams: { api: { targets: ['${upstream.url}'] } }
secrets: { master: { key: env:TEST_MASTER_KEY } }
identity:
  issuer: ${origin}/identity
  clients:
    - { id: reports, ${machine}, certificate: { uri: 'spiffe://example.org/reports' } }
    - { id: named, ${machine}, certificate: { subject: [{ CN: named }, { O: Example }] } }
    - { id: own, ${machine}, certificate: { selfSigned: file:own.pem } }
    - { id: free, ${machine}, certificate: { uri: 'spiffe://example.org/reports' }, certificateBoundTokens: false }
routes:
  - { path: /orders, upstream: api, authenticate: [jwt], authorize: { scopes: ['orders:read'] } }
`
    })
  })
  after(async () => {
    await gateway?.stop()
    await upstream?.close()
    for (const agent of agents) await agent.close()
  })

  /** What asks with a certificate, or with none. */
  function fetchAs(certificate: IssuedCertificate | null): typeof fetch {
    const agent = new Agent({
      connect: { rejectUnauthorized: false, ...(certificate && { cert: certificate.cert, key: certificate.key }) },
    })
    agents.push(agent)
    return ((url: string, init: object) => fetchWith(url, { ...init, dispatcher: agent } as never)) as never
  }

  function discover(id: string, certificate: IssuedCertificate | null) {
    const customFetch = fetchAs(certificate)
    const options = { [client.customFetch]: customFetch as client.CustomFetch }
    return client.discovery(new URL(`${origin}/identity`), id, undefined, client.TlsClientAuth(), options)
  }

  const call = async (token: string, certificate: IssuedCertificate | null) =>
    (await fetchAs(certificate)(`${origin}/orders`, { headers: { authorization: `Bearer ${token}` } })).status

  test('discovery says so, and openid-client gets a token that is bound to what it showed', async () => {
    for (const [id, certificate] of [
      ['reports', shown.reports],
      ['named', shown.named],
      ['own', shown.own],
    ] as const) {
      const found = await discover(id, certificate)
      const metadata = found.serverMetadata()
      assert.equal(metadata.tls_client_certificate_bound_access_tokens, true)
      assert.ok(metadata.token_endpoint_auth_methods_supported?.includes('tls_client_auth'))
      const { access_token: token } = await client.clientCredentialsGrant(found, { scope: 'orders:read' })
      assert.equal(await call(token, certificate), 200, id)
      assert.equal(await call(token, shown.stranger), 401, id)
      assert.equal(await call(token, null), 401, id)
      const told = await client.tokenIntrospection(found, token)
      assert.ok((told.cnf as Record<string, string> | undefined)?.['x5t#S256'], id)
      await client.tokenRevocation(found, token)
      assert.equal((await client.tokenIntrospection(found, token)).active, false)
    }
  })

  test('oauth4webapi gets one too', async () => {
    const options = { [oauth.customFetch]: fetchAs(shown.reports) as never }
    const issuer = new URL(`${origin}/identity`)
    const as = await oauth.processDiscoveryResponse(
      issuer,
      await oauth.discoveryRequest(issuer, { algorithm: 'oauth2', ...options }),
    )
    const reports = { client_id: 'reports' }
    const parameters = new URLSearchParams({ scope: 'orders:read' })
    const answer = await oauth.clientCredentialsGrantRequest(as, reports, oauth.TlsClientAuth(), parameters, options)
    const { access_token: token } = await oauth.processClientCredentialsResponse(as, reports, answer)
    assert.equal(await call(token, shown.reports), 200)
  })

  test('a token that is not bound passes without the certificate', async () => {
    const found = await discover('free', shown.reports)
    const { access_token: token } = await client.clientCredentialsGrant(found, { scope: 'orders:read' })
    assert.equal(await call(token, null), 200)
  })

  test('no certificate, another one, one of a stranger, and one that vouches for itself are refused', async () => {
    for (const [id, certificate] of [
      ['reports', null],
      ['reports', shown.stranger],
      ['reports', shown.forged],
      ['reports', shown.own],
      ['named', shown.reports],
      ['named', null],
      ['own', null],
      ['own', shown.reports],
      ['own', shown.forged],
    ] as const) {
      const found = await discover(id, certificate)
      await assert.rejects(client.clientCredentialsGrant(found), { error: 'invalid_client' }, id)
    }
    for (const fields of [{ client_secret: 'x'.repeat(43) }, {}] as Record<string, string>[]) {
      const body = new URLSearchParams({ grant_type: 'client_credentials', client_id: 'reports', ...fields })
      assert.equal((await fetchAs(null)(`${origin}/identity/token`, { method: 'POST', body })).status, 401)
    }
  })

  test('what a client writes into fields of proxies is no certificate', async () => {
    const escaped = encodeURIComponent(shown.reports.cert)
    const body = new URLSearchParams({ grant_type: 'client_credentials', client_id: 'reports' })
    const headers = { 'x-ssl-client-cert': escaped, 'ssl-client-cert': escaped }
    const answer = await fetchAs(null)(`${origin}/identity/token`, { method: 'POST', body, headers })
    assert.equal(answer.status, 401)
  })
})
