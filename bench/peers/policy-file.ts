import { audience, issuer } from '../load/tokens.ts'
import { allowedOrigin } from './answer-headers.ts'

export interface PolicyFileOptions {
  readonly keySetFile: string
  readonly limitPerMinute: number
  /** The gateway's; null for the middleware, which has neither listeners nor upstreams. */
  readonly gateway: { readonly upstream: string; readonly workers: number } | null
}

/** What is measured: JWT, a limit per principal, CORS and security headers; log and metrics are on by default. */
export function toPolicyFile({ keySetFile, limitPerMinute, gateway }: PolicyFileOptions): string {
  const upstream = gateway === null ? '' : ', upstream: shop'
  return `version: 1
${gateway === null ? '' : toGatewayBlocks(gateway)}data: sqlite:data/portcullis.db
counters: memory
issuers:
  main: { issuer: "${issuer}", audience: ${audience}, keys: "file:${keySetFile}" }
defaults:
  securityHeaders: strict
  cors: { origins: ["${allowedOrigin}"] }
routes:
  - { path: "/orders/{id}", methods: [GET], authenticate: [jwt]${upstream}, rateLimit: { limit: ${limitPerMinute}/min, per: principal } }
  - { path: /orders, methods: [POST], authenticate: [jwt]${upstream} }
  - { path: "/exports/{id}", methods: [GET], authenticate: [jwt]${upstream} }
`
}

/** Who may call, on a route that is measured with and without that question. */
export type RouteAccess = 'jwt' | 'api-key' | 'public'

const accesses: Readonly<Record<RouteAccess, string>> = {
  jwt: 'authenticate: [jwt]',
  'api-key': 'authenticate: [apiKey], apiKey: { bearer: true, headers: [] }',
  public: 'access: public, reason: measured beside the others',
}

/** One route of the middleware, without anything that counts callers. */
export function toAccessFile(keySetFile: string, access: RouteAccess): string {
  return `version: 1
data: sqlite:data/portcullis.db
issuers:
  main: { issuer: "${issuer}", audience: ${audience}, keys: "file:${keySetFile}" }
defaults:
  securityHeaders: strict
  cors: { origins: ["${allowedOrigin}"] }
routes:
  - { path: "/orders/{id}", methods: [GET], ${accesses[access]} }
`
}

function toGatewayBlocks({ upstream, workers }: NonNullable<PolicyFileOptions['gateway']>): string {
  return `listen:
  http: { host: 127.0.0.1, port: 0, serve: true, reason: measured on loopback }
server: { workers: ${workers} }
upstreams:
  shop: { targets: ["${upstream}"] }
`
}
