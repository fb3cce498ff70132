import type { RequestListener } from 'node:http'
import type { Port } from '../../src/core/ports.ts'
import { createTestAuthority, type IssuedCertificate } from './certificate-authority.ts'
import type { TestGateway } from './gateway.ts'
import { startPolicyGateway } from './policy-gateway.ts'
import { startSite, type TestSite } from './site.ts'
import { startUpstreamServer, type TestUpstreamServer } from './upstream-server.ts'

export interface WebOptions {
  /** Answers behind the gateway, once a request's body has come; see `startUpstreamServer`. */
  readonly answer?: Parameters<typeof startUpstreamServer>[0]
  /** Answers behind the gateway without waiting for the body. */
  readonly listener?: RequestListener
  /** The policy file, given the upstream's URL. */
  readonly policyFile: (upstream: string) => string
  readonly ports?: readonly (readonly [Port<unknown>, unknown])[]
}

/** All that a test's browser can reach: the gateway as `api.example.test`, with an upstream behind it, and the sites. */
export interface TestWeb {
  readonly gateway: TestGateway
  readonly upstream: TestUpstreamServer
  /** Answers every name that is not the gateway's, and 8443 of those that are. */
  readonly site: TestSite
  readonly certificate: IssuedCertificate
  /** Which port of this machine answers a host and port. */
  readonly ports: Readonly<Record<string, number>>
  close(): Promise<void>
}

export async function startWeb({ answer, listener, policyFile, ports = [] }: WebOptions): Promise<TestWeb> {
  await using opened = new AsyncDisposableStack()
  const certificate = await (await createTestAuthority()).issue(['*.example.test'])
  const site = await startSite(certificate)
  opened.defer(() => site.close())
  const upstream = await startUpstreamServer(answer, listener)
  opened.defer(() => upstream.close())
  const gateway = await startPolicyGateway(policyFile(upstream.url), certificate, ports)
  opened.defer(() => gateway.stop())
  const gatewayPorts = Object.fromEntries(
    gateway.listeners.map(({ name, port }) => [`api.example.test:${name === 'https' ? 443 : 80}`, port]),
  )
  const stack = opened.move()
  return {
    gateway,
    upstream,
    site,
    certificate,
    ports: { ...gatewayPorts, '*:443': site.httpsPort, '*:8443': site.httpsPort, '*:80': site.httpPort },
    close: () => stack.disposeAsync(),
  }
}
