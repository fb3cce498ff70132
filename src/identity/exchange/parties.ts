import { type AccessToken, type ClientCredentials, errors, type Provider } from 'oidc-provider'
import { findAccount } from 'oidc-provider/lib/helpers/grants.js'
import type { ClientLookup } from '../../stores/ports/client-store.ts'
import { accessTokenType, jwtType } from '../grant-types.ts'
import { type Actor, addActor } from './actors.ts'
import type { ReadToken } from './read-token.ts'
import type { ExchangeContext } from './request.ts'

/** For whom the new token is to be, and who says that they act for them. */
export interface Parties {
  readonly subject: AccessToken
  readonly act: Actor | undefined
  /** Every token that was shown. */
  readonly shown: readonly (AccessToken | ClientCredentials)[]
}

export interface PartiesDeps {
  readonly read: ReadToken
  readonly directory: ClientLookup
}

/** Why it is, only the log is told: whoever tries tokens learns nothing about them. */
const notGood = (which: string, why: string) =>
  new errors.InvalidRequest(`the ${which} token is not good`, undefined, `the ${which} token ${why}`)

export async function findParties(ctx: ExchangeContext, { read, directory }: PartiesDeps): Promise<Parties> {
  const { provider, client, params } = ctx.oidc
  const subject = await readAlive(ctx, read, 'subject', params.subject_token, params.subject_token_type)
  if (!isPersons(provider, subject)) throw notGood('subject', 'stands for no person')
  const before = (subject as { readonly extra?: { readonly act?: Actor } }).extra?.act

  let who: string = client.clientId
  const shown: (AccessToken | ClientCredentials)[] = [subject]
  if (params.actor_token !== undefined || params.actor_token_type !== undefined) {
    const actor = await readAlive(ctx, read, 'actor', params.actor_token, params.actor_token_type)
    // Whoever finds somebody else's token does not act as them.
    if (actor.clientId !== client.clientId) throw notGood('actor', 'belongs to another client')
    if (isPersons(provider, actor)) who = actor.accountId
    shown.push(actor)
  } else if ((await directory.find(client.clientId))?.settings.exchanges === 'impersonate') {
    return { subject, act: before, shown }
  }
  const act = addActor(who, before)
  if (act === null) throw new errors.InvalidRequest('the subject token was exchanged too often')
  return { subject, act, shown }
}

async function readAlive(
  ctx: ExchangeContext,
  read: ReadToken,
  which: string,
  text: string | undefined,
  type: string | undefined,
): Promise<AccessToken | ClientCredentials> {
  const { provider } = ctx.oidc
  if (text === undefined || type === undefined)
    throw new errors.InvalidRequest(`${which}_token and ${which}_token_type belong together`)
  if (type !== accessTokenType && type !== jwtType)
    throw new errors.InvalidRequest(`${which}_token_type must be that of an access token`)
  const token = await read(text)
  if (token === undefined) throw notGood(which, 'is none of ours, has ended or was revoked')
  if (!isPersons(provider, token)) return token
  const grant = token.grantId === undefined ? undefined : await provider.Grant.find(token.grantId)
  if (grant === undefined || grant.accountId !== token.accountId)
    throw notGood(which, 'belongs to a grant that has ended')
  if ((await findAccount(provider, ctx, token.accountId, token)) === undefined)
    throw notGood(which, 'belongs to an account that is not there')
  return token
}

function isPersons(provider: Provider, token: AccessToken | ClientCredentials): token is AccessToken {
  return token instanceof provider.AccessToken
}

/** What tokens are bound to (RFC 9449, RFC 8705): a key, or a certificate. */
const bindings = ['jkt', 'x5t#S256'] as const

/** A token that is bound is exchanged for one that is bound to the same: whoever asks has proved that they have it. */
export function checkProofs({ shown }: Parties, made: AccessToken): void {
  for (const token of shown) {
    if (bindings.some((binding) => token[binding] !== undefined && token[binding] !== made[binding]))
      throw notGood('shown', 'is bound to another key')
  }
}
