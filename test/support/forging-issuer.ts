import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { exportJWK, generateKeyPair, type JWTPayload, SignJWT } from 'jose'
import type { OutboundClient, OutboundRequest } from '../../src/outbound/outbound.ts'
import { createOutboundClient } from '../../src/outbound/outbound-client.ts'

/** What the next answer of the token endpoint is to be like. */
export interface Forgery {
  /** Claims beside the honest ones, or instead of them; undefined: without it. */
  readonly claims?: Readonly<Record<string, unknown>>
  /** Makes the ID token by itself. */
  readonly sign?: (claims: JWTPayload) => string | Promise<string>
  /** Fields beside the honest ones, or instead of them. */
  readonly fields?: Readonly<Record<string, unknown>>
  readonly status?: number
}

/**
 * Any server of OpenID Connect, at any address, as far as it is asked by servers: it says whatever a test wants it to. Further
 * documents are answered by their paths.
 */
export interface ForgingIssuer {
  readonly metadata: Record<string, unknown>
  readonly documents: Map<string, (request: IncomingMessage) => unknown>
  forgery: Forgery
  /** What the token endpoint was sent last. */
  readonly asked: () => URLSearchParams
  /** Reaches it at the addresses of all others. */
  readonly outbound: OutboundClient
  close(): Promise<void>
}

export const accessToken = 'an-access-token'

export async function startForgingIssuer(base: string, honest: (nonce: string) => JWTPayload): Promise<ForgingIssuer> {
  const { publicKey, privateKey } = await generateKeyPair('RS256')
  const jwk = { ...(await exportJWK(publicKey)), kid: 'one', alg: 'RS256', use: 'sig' }
  let asked = new URLSearchParams()
  const http = createServer((request, response) => {
    answer(request).then(
      ([status, value]) =>
        response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value)),
      (error: unknown) => response.writeHead(500).end(String(error)),
    )
  })
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve))
  const port = (http.address() as AddressInfo).port
  const issuer: ForgingIssuer = {
    metadata: {
      issuer: base,
      authorization_endpoint: `${base}/authorize`,
      token_endpoint: `${base}/token`,
      jwks_uri: `${base}/jwks`,
      response_types_supported: ['code'],
      id_token_signing_alg_values_supported: ['RS256'],
    },
    documents: new Map(),
    forgery: {},
    asked: () => asked,
    outbound: createRewritingClient(port),
    close: () =>
      new Promise((resolve) => {
        http.close(() => resolve())
        http.closeAllConnections()
      }),
  }

  async function answer(request: IncomingMessage): Promise<[number, unknown]> {
    const path = (request.url ?? '').split('?')[0] as string
    if (path.endsWith('/.well-known/openid-configuration')) return [200, issuer.metadata]
    if (path.endsWith('/jwks')) return [200, { keys: [jwk] }]
    const document = issuer.documents.get(path)
    if (document !== undefined) return [200, document(request)]
    asked = new URLSearchParams(await text(request))
    const { claims = {}, sign, fields = {}, status = 200 } = issuer.forgery
    const said = JSON.parse(JSON.stringify({ ...honest(nonceOf(asked)), ...claims }))
    const idToken = await (sign ?? signHonestly)(said)
    return [status, { access_token: accessToken, token_type: 'Bearer', id_token: idToken, ...fields }]
  }
  const signHonestly = (claims: JWTPayload) =>
    new SignJWT(claims).setProtectedHeader({ alg: 'RS256', kid: 'one' }).sign(privateKey)
  return issuer
}

/** The tests' codes are nonces. */
function nonceOf(form: URLSearchParams): string {
  return form.get('code') ?? ''
}

function createRewritingClient(port: number): OutboundClient {
  const real = createOutboundClient()
  const rewrite = (url: string) => url.replace(/^https?:\/\/[^/]+/, `http://127.0.0.1:${port}`)
  const allow = (request?: OutboundRequest) => ({ ...request, allowPrivate: true, allowHttp: true })
  return {
    request: (url, request) => real.request(rewrite(url), allow(request)),
    json: (url, request) => real.json(rewrite(url), allow(request)),
    close: () => real.close(),
  }
}
