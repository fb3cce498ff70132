import { randomBytes } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Provider } from 'oidc-provider'

/** An issuer that is none of ours: a plain `oidc-provider` that logs everybody in as one person. */
export interface TestOidcIssuer {
  readonly issuer: string
  readonly client: { readonly id: string; readonly secret: string }
  /** `grant_type` of each request to the token endpoint, and what came of it. */
  readonly asked: { readonly grant: string; readonly status: number }[]
  readonly state: { down: boolean; account: string; slowMs: number }
  /** Ends every grant, as an administrator would. */
  revokeAll(): Promise<void>
  provider: Provider
  close(): Promise<void>
}

export interface TestOidcOptions {
  readonly redirectUris: readonly string[]
  readonly postLogoutRedirectUris?: readonly string[]
  readonly accessTokenSeconds?: number
  readonly backchannelLogoutUri?: string
}

export async function startOidcIssuer({
  redirectUris,
  postLogoutRedirectUris = [],
  accessTokenSeconds = 60,
  backchannelLogoutUri,
}: TestOidcOptions): Promise<TestOidcIssuer> {
  const state = { down: false, account: 'carol', slowMs: 0 }
  const asked: { grant: string; status: number }[] = []
  let answer = (_request: IncomingMessage, response: ServerResponse): unknown => response.end()
  const server = createServer((request, response) => {
    if (state.down) return void request.socket.destroy()
    setTimeout(() => void answer(request, response), state.slowMs)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const client = { id: 'portcullis', secret: randomBytes(32).toString('base64url') }
  const grants = new Set<string>()
  const provider = new Provider(issuer, {
    clients: [
      {
        client_id: client.id,
        client_secret: client.secret,
        redirect_uris: [...redirectUris],
        post_logout_redirect_uris: [...postLogoutRedirectUris],
        grant_types: ['authorization_code', 'refresh_token'],
        response_types: ['code'],
        ...(backchannelLogoutUri !== undefined && {
          backchannel_logout_uri: backchannelLogoutUri,
          backchannel_logout_session_required: true,
        }),
      },
    ],
    cookies: { keys: [randomBytes(32).toString('hex')] },
    claims: { openid: ['sub', 'email', 'groups'], profile: ['name'] },
    conformIdTokenClaims: false,
    ttl: {
      AccessToken: accessTokenSeconds,
      RefreshToken: 3600,
      Session: 3600,
      Interaction: 600,
      Grant: 3600,
      IdToken: 600,
    },
    // Its own refuses loopback.
    fetch: (url, options) => {
      const { dispatcher: _, ...rest } = { ...options } as RequestInit & { dispatcher?: unknown }
      return globalThis.fetch(url, rest)
    },
    rotateRefreshToken: true,
    issueRefreshToken: async () => true,
    pkce: { required: () => true },
    findAccount: (_ctx, id) => ({
      accountId: id,
      claims: async () => ({ sub: id, name: 'Carol Reed', email: `${id}@example.test`, groups: ['buyers'] }),
    }),
    interactions: { url: (_ctx, interaction) => `/step/${interaction.uid}` },
    features: {
      devInteractions: { enabled: false },
      revocation: { enabled: true },
      rpInitiatedLogout: { enabled: true },
      backchannelLogout: { enabled: true },
    },
  })
  provider.use(async (ctx, next) => {
    await next()
    if (ctx.path !== '/token') return
    const body = (ctx as unknown as { oidc?: { params?: { grant_type?: string } } }).oidc?.params
    asked.push({ grant: body?.grant_type ?? '', status: ctx.status })
  })
  const handle = provider.callback()
  answer = async (request, response) => {
    if (!request.url?.startsWith('/step/')) return handle(request, response)
    const { params, session } = await provider.interactionDetails(request, response)
    const accountId = session?.accountId ?? state.account
    const grant = new provider.Grant({ accountId, clientId: String(params.client_id) })
    grant.addOIDCScope(String(params.scope))
    const grantId = await grant.save()
    grants.add(grantId)
    await provider.interactionFinished(request, response, { login: { accountId }, consent: { grantId } })
  }
  return {
    issuer,
    client,
    asked,
    state,
    provider,
    async revokeAll() {
      for (const id of grants) await (await provider.Grant.find(id))?.destroy()
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
