import { randomUUID } from 'node:crypto'
import type { Snapshot } from '../config/snapshot.ts'
import { createEmptyBody } from '../core/body.ts'
import type { Reply } from '../core/decision.ts'
import { type Carrier, Exchange } from '../core/exchange.ts'
import { Fields } from '../core/fields.ts'
import { Pipeline } from '../core/pipeline.ts'
import type { EndpointHandler } from '../core/policy.ts'
import { silentLog } from '../core/telemetry.ts'
import { browserClientId, createBrowserClient } from '../identity/clients/browser-client.ts'
import { createClientSecret } from '../identity/clients/client-secret.ts'
import { type IdentityEndpoint, listEndpoints } from '../identity/endpoints.ts'
import type { IdentityOptions } from '../identity/options.ts'
import type { OwnIssuer } from '../outbound/own-issuer.ts'
import { browserLogin } from '../policies/browser-login/index.ts'
import { type BrowserLoginOptions, ownIssuerName } from '../policies/browser-login/options.ts'
import type { ClientRecord } from '../stores/ports/client-store.ts'

/** The client that browser applications of the file are, with a secret that was made just now. */
export function createApplicationClient(snapshot: Snapshot, identity: IdentityOptions) {
  const { issuer } = identity
  const { text: secret, digest: secretDigest } = createClientSecret()
  const logins = listLogins(snapshot)
  const from = ({ origin = new URL(issuer).origin }: BrowserLoginOptions, path: string) => origin + path
  const client: ClientRecord = createBrowserClient(identity, {
    secretDigest,
    redirectUris: unique(logins.map((options) => from(options, options.paths.callback))),
    postLogoutRedirectUris: unique(logins.map((options) => from(options, options.afterLogout))),
    scopes: unique(logins.flatMap(({ scopes }) => scopes)),
  })
  return { client: logins.length === 0 ? null : client, secret }
}

function listLogins({ routes }: Snapshot): BrowserLoginOptions[] {
  return routes
    .flatMap(({ policies }) => policies)
    .filter(({ name }) => name === browserLogin.name)
    .map(({ options }) => options as BrowserLoginOptions)
    .filter(({ issuer, client }) => issuer === ownIssuerName && client === undefined)
}

const unique = (texts: readonly string[]) => [...new Set(texts)]

const carrier: Carrier = { forward() {}, clientCertificate: () => null, send() {}, abort() {} }
const pipeline = new Pipeline({
  instances: [],
  authenticated: false,
  slotCount: 0,
  problems: new Map(),
  log: silentLog,
  hookTimeoutMs: 0,
  maxBufferedBytes: 0,
})

/** The identity server for who is in the same process: its endpoints are called, without a connection to ourselves. */
export function createOwnIssuer(
  options: IdentityOptions,
  secret: string,
  handlers: ReadonlyMap<string, EndpointHandler>,
): OwnIssuer {
  const { issuer } = options
  const endpoints = listEndpoints(options)
  return {
    issuer,
    revision: randomUUID(),
    client: { id: browserClientId, secret },
    async request(text, { method = 'GET', headers = [], body = '' }) {
      const url = new URL(text)
      const endpoint = endpoints.find(({ path, methods }) => path === url.pathname && methods.includes(method))
      const handle = endpoint === undefined ? undefined : handlers.get(endpoint.id)
      if (endpoint === undefined || handle === undefined || url.origin !== new URL(issuer).origin)
        throw new Error(`the identity server answers no ${method} ${url.pathname}`)
      const answer = await handle(toExchange(endpoint, url, { method, headers, body: Buffer.from(body) }))
      if (answer.kind === 'refuse') throw new Error(`the identity server refuses: ${answer.code}`)
      return toResponse(answer)
    },
  }
}

function toExchange(
  { id, path, methods, hosts }: IdentityEndpoint,
  url: URL,
  { method, headers, body }: { method: string; headers: readonly (readonly [string, string])[]; body: Uint8Array },
): Exchange {
  const self = '127.0.0.1'
  return new Exchange({
    id: randomUUID(),
    method,
    scheme: url.protocol === 'https:' ? 'https' : 'http',
    httpVersion: '1.1',
    host: url.host,
    path: url.pathname,
    query: url.search.slice(1),
    headers: new Fields(headers.flat()),
    client: { address: self, key: self, peer: self },
    body: { ...createEmptyBody(), declaredLength: body.length, bytes: body, collect: async () => body },
    route: { id, path, methods, hosts, upstream: null, authenticated: false },
    params: {},
    pipeline,
    carrier,
    receivedAt: Date.now(),
    startedAt: performance.now(),
    upgrade: null,
  })
}

function toResponse({ status, headers, body }: Reply): Response {
  const fields = new Headers()
  for (const [name, value] of headers) fields.append(name, value)
  return new Response(body === null ? null : Buffer.from(body), { status, headers: fields })
}
