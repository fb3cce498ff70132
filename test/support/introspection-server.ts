import type { KeyObject } from 'node:crypto'
import { createServer, type IncomingMessage, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { jwtVerify } from 'jose'

/** An authorization server on loopback that answers for its tokens, to the client that it knows only. */
export interface TestIntrospectionServer {
  readonly url: string
  readonly endpoint: string
  /** What it says of tokens; of others, that they are not active. */
  readonly tokens: Map<string, unknown>
  /** The tokens that it was asked about, in order. */
  readonly asked: string[]
  /** Questions that did not prove who asks. */
  readonly turnedAway: number
  /** Holds answers back until it is called. */
  hold(): () => void
  /** Answers requests in another way, until `null`. */
  answerWith(listener: RequestListener | null): void
  close(): void
}

export interface KnownClient {
  readonly id: string
  readonly secret: string
  readonly publicKey?: KeyObject
}

export async function startIntrospectionServer(client: KnownClient): Promise<TestIntrospectionServer> {
  const tokens = new Map<string, unknown>()
  const asked: string[] = []
  let turnedAway = 0
  let override: RequestListener | null = null
  let held: Promise<void> | null = null
  const server = createServer(async (request, response) => {
    if (override !== null) return override(request, response)
    const send = (status: number, document: unknown) => {
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(document))
    }
    if (request.url === '/.well-known/openid-configuration') {
      return send(200, { issuer: url, introspection_endpoint: `${url}/introspect` })
    }
    if (request.url !== '/introspect' || request.method !== 'POST') return send(404, {})
    const form = new URLSearchParams(await text(request))
    if (!(await isKnown(request, form))) {
      turnedAway++
      return send(401, { error: 'invalid_client' })
    }
    const token = form.get('token') ?? ''
    asked.push(token)
    await held
    send(200, tokens.get(token) ?? { active: false })
  })

  async function isKnown({ headers }: IncomingMessage, form: URLSearchParams): Promise<boolean> {
    const assertion = form.get('client_assertion')
    if (assertion !== null && client.publicKey !== undefined) {
      const options = { issuer: client.id, subject: client.id, audience: url, requiredClaims: ['jti', 'exp', 'iat'] }
      return jwtVerify(assertion, client.publicKey, options).then(
        () => form.get('client_assertion_type') === 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
        () => false,
      )
    }
    if (form.has('client_secret')) {
      return form.get('client_id') === client.id && form.get('client_secret') === client.secret
    }
    const encode = (value: string) => new URLSearchParams({ a: value }).toString().slice(2)
    const basic = Buffer.from(`${encode(client.id)}:${encode(client.secret)}`).toString('base64')
    return headers.authorization === `Basic ${basic}`
  }

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    url,
    endpoint: `${url}/introspect`,
    tokens,
    asked,
    get turnedAway() {
      return turnedAway
    },
    hold() {
      const { promise, resolve } = Promise.withResolvers<void>()
      held = promise
      return () => {
        held = null
        resolve()
      }
    },
    answerWith(listener) {
      override = listener
    },
    close() {
      server.closeAllConnections()
      server.close()
    },
  }
}
