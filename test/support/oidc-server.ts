import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type Configuration, Provider } from 'oidc-provider'

/** Somebody who logs in there. */
export interface OidcPerson {
  readonly sub: string
  readonly email?: string
  readonly email_verified?: boolean
  readonly name?: string
  readonly groups?: readonly string[]
}

/** An authorization server of nobody's but `oidc-provider`'s making, which logs everybody in as one person without asking. */
export interface OidcServer {
  readonly issuer: string
  /** Null: whoever comes does not agree. */
  person: OidcPerson | null
  /** How often somebody logged in, and was not known from before. */
  logins: number
  /** Makes it know a client: before that, it answers nobody. */
  register(client: OidcClient): void
  close(): Promise<void>
}

export interface OidcClient {
  readonly id: string
  readonly secret: string
  readonly redirectUri: string
}

export async function startOidcServer(configuration: Configuration = {}): Promise<OidcServer> {
  const http = createServer()
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve))
  const issuer = `http://127.0.0.1:${(http.address() as AddressInfo).port}`
  const people = new Map<string, OidcPerson>()

  function create({ id, secret, redirectUri }: OidcClient): Provider {
    const grants = { grant_types: ['authorization_code'] }
    return new Provider(issuer, {
      clients: [{ client_id: id, client_secret: secret, redirect_uris: [redirectUri], ...grants }],
      claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['name', 'groups'] },
      cookies: { keys: ['only a test'] },
      features: { devInteractions: { enabled: false } },
      interactions: { url: (_ctx, { uid }) => `/interaction/${uid}` },
      findAccount: (_ctx, sub) => ({ accountId: sub, claims: async () => ({ ...(people.get(sub) as OidcPerson) }) }),
      ...configuration,
    })
  }

  const server: OidcServer = {
    issuer,
    person: { sub: 'nobody' },
    logins: 0,
    register(client) {
      const provider = create(client)
      const handle = provider.callback()
      http.removeAllListeners('request').on('request', (request, response) => {
        if (!request.url?.startsWith('/interaction/')) return void handle(request, response)
        interact(provider, request, response).catch((error: unknown) => response.writeHead(500).end(String(error)))
      })
    },
    close: () =>
      new Promise((resolve) => {
        http.close(() => resolve())
        http.closeAllConnections()
      }),
  }

  async function interact(provider: Provider, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { params } = await provider.interactionDetails(request, response)
    if (server.person === null) {
      await provider.interactionFinished(request, response, { error: 'access_denied' })
      return
    }
    const { sub } = server.person
    server.logins++
    people.set(sub, server.person)
    const grant = new provider.Grant({ accountId: sub, clientId: params.client_id as string })
    grant.addOIDCScope(params.scope as string)
    const result = { login: { accountId: sub }, consent: { grantId: await grant.save() } }
    await provider.interactionFinished(request, response, result)
  }

  return server
}
