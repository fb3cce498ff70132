import { randomUUID } from 'node:crypto'
import type { Provider } from 'oidc-provider'
import type { LogoutNotices } from './logout-notices.ts'

/** What of a session of oidc-provider says who was logged in, and where. */
export interface EndedSession {
  readonly accountId?: string | undefined
  readonly authorizations?: Readonly<Record<string, { readonly sid?: string }>> | undefined
}

interface LoggedOutClient {
  readonly clientId: string
  readonly backchannelLogoutUri?: string
  backchannelLogout(accountId: string, sid: string): Promise<void>
}

/** What the library has of ID tokens, and does not declare. */
interface LogoutToken {
  mask: object
  set(name: string, value: unknown): void
  issue(options: { readonly use: 'logout' }): Promise<string>
}
type LogoutTokenClass = new (claims: object, options: object) => LogoutToken

const event = 'http://schemas.openid.net/event/backchannel-logout'

/** Has oidc-provider tell clients of a logout through us: it would call them itself, and have the person wait for it. */
export function tellThrough(provider: Provider, notices: LogoutNotices): void {
  const { IdToken } = provider as unknown as { IdToken: LogoutTokenClass }
  const prototype = provider.Client.prototype as unknown as LoggedOutClient
  prototype.backchannelLogout = async function (accountId, sid) {
    const token = new IdToken({ sub: accountId }, { client: this, ctx: undefined })
    token.mask = { sub: null }
    token.set('events', { [event]: {} })
    token.set('jti', randomUUID())
    token.set('sid', sid)
    notices.send({ client: this.clientId, token: await token.issue({ use: 'logout' }) })
  }
}

/**
 * For a session that ends otherwise than by its person's logout: tells every client that somebody was logged in to by it.
 * Nobody has to wait for an answer.
 */
export async function tellClients(provider: Provider, { accountId, authorizations = {} }: EndedSession): Promise<void> {
  if (accountId === undefined) return
  for (const [id, { sid }] of Object.entries(authorizations)) {
    const client = (await provider.Client.find(id)) as unknown as LoggedOutClient | undefined
    if (client?.backchannelLogoutUri !== undefined && sid !== undefined) await client.backchannelLogout(accountId, sid)
  }
}
