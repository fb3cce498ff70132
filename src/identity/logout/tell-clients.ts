import { randomUUID } from 'node:crypto'
import type { Provider } from 'oidc-provider'
import type { LogoutNotices } from './logout-notices.ts'

/** What of a session of oidc-provider says who was logged in, and where. */
export interface EndedSession {
  readonly accountId?: string | undefined
  readonly authorizations?: Authorizations | undefined
}

/** By the ids of clients. */
type Authorizations = Readonly<Record<string, { readonly sid?: string }>>

interface LoggedOutClient {
  readonly backchannelLogoutUri?: string
}

/** What the library has of ID tokens, and does not declare. */
interface LogoutToken {
  mask: object
  set(name: string, value: unknown): void
  issue(options: { readonly use: 'logout' }): Promise<string>
}
type LogoutTokenClass = new (claims: object, options: object) => LogoutToken

const event = 'http://schemas.openid.net/event/backchannel-logout'

async function issueToken(provider: Provider, client: object, accountId: string, sid: string): Promise<string> {
  const { IdToken } = provider as unknown as { IdToken: LogoutTokenClass }
  const token = new IdToken({ sub: accountId }, { client, ctx: undefined })
  token.mask = { sub: null }
  token.set('events', { [event]: {} })
  token.set('jti', randomUUID())
  token.set('sid', sid)
  return token.issue({ use: 'logout' })
}

/**
 * Tells every client that somebody was logged in to by a session that has ended.
 * @returns what is left: of the clients that could not be told
 */
export async function tellClients(
  provider: Provider,
  notices: LogoutNotices,
  { accountId, authorizations = {} }: EndedSession,
): Promise<Authorizations> {
  if (accountId === undefined) return {}
  const tell = async ([id, { sid }]: [string, Authorizations[string]]): Promise<boolean> => {
    const client = (await provider.Client.find(id)) as unknown as LoggedOutClient | undefined
    if (client?.backchannelLogoutUri === undefined || sid === undefined) return true
    return notices.tell({ client: id, token: await issueToken(provider, client, accountId, sid) })
  }
  const all = Object.entries(authorizations)
  const told = await Promise.all(all.map(tell))
  return Object.fromEntries(all.filter((_, index) => !told[index]))
}
