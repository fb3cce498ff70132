import { type Reply, reply } from '../../core/decision.ts'
import type { AccountRecord } from '../../stores/ports/account-store.ts'
import { toLoginSeconds } from '../artefacts/standing.ts'
import { needsTwoFactors, toAssurance, twoFactors } from '../factors/assurance.ts'
import { hasSecondFactor } from '../factors/held-factors.ts'
import { isRemembered, rememberedBrowser } from '../factors/remembered-devices.ts'
import { keepHalfLogin } from './half-login.ts'
import { showLoginAgain } from './show-page.ts'
import type { StepContext } from './steps.ts'

/**
 * A person has proved who they are, by whichever means: every login comes through here. Where the account has a second
 * factor, or the client or the policy file demands one, the browser is sent on to prove or to enrol it; `amr` with `mfa`
 * says that this was two already.
 * @param amr what it was proved with (RFC 8176)
 * @param provedAt since when that is so, epoch milliseconds; a password that was set later ends it. Default: this request.
 * @param authenticatedAt when they proved it to another server that vouches for them; null: when it says nothing, or none does
 */
export async function completeLogin(
  context: StepContext,
  accountId: string,
  amr: readonly string[],
  provedAt: number = context.exchange.receivedAt,
  authenticatedAt: number | null = null,
): Promise<Reply> {
  const { open, shown, accounts, factors, factorOptions } = context
  const account = await accounts.find(accountId)
  if (!isProved(account, provedAt)) return refuseLogin(context)
  const proved = { account, amr, provedAt, authenticatedAt }
  if (amr.includes(twoFactors)) return finishLogin(context, proved)
  const { secondFactor } = factorOptions
  const demanded = needsTwoFactors(shown.client, open.interaction.params.acr_values)
  if (secondFactor === 'off') {
    if (!demanded) return finishLogin(context, proved)
    const description = 'second factors are switched off'
    return open.finish({ error: 'unmet_authentication_requirements', error_description: description })
  }
  const has = hasSecondFactor(await factors.list(accountId))
  if (!has && !demanded && secondFactor === 'optional') return finishLogin(context, proved)
  if (has && !demanded && (await isRemembered(context, context.exchange, accountId)))
    return finishLogin(context, { ...proved, amr: [...amr, rememberedBrowser] })
  await keepHalfLogin(context, proved)
  return reply(303, [['location', `${shown.action}/${has ? 'factor' : 'enrol'}`]])
}

export interface ProvedLogin {
  readonly account: AccountRecord
  readonly amr: readonly string[]
  readonly provedAt: number
  /** When, for whoever asks how long ago it was; null: then. */
  readonly authenticatedAt: number | null
}

/** The login is done: from here on oidc-provider issues what was asked for. */
export async function finishLogin(context: StepContext, proved: ProvedLogin): Promise<Reply> {
  const { account, amr, provedAt, authenticatedAt } = proved
  const { open, accounts, federation } = context
  if (!isProved(account, provedAt)) return refuseLogin(context)
  const ts = toLoginSeconds(Math.min(provedAt, authenticatedAt ?? provedAt), account.signedOutAt)
  await federation?.confirm(open.interaction.uid, account.id)
  const login = { accountId: account.id, acr: toAssurance(amr), amr: [...amr], ts }
  const done = await open.finish({ login })
  // What is changed from now on ends what was just kept; what was changed before is seen here.
  const after = await accounts.find(account.id)
  if (isProved(after, provedAt) && after.signedOutAt === account.signedOutAt) return done
  await open.interaction.destroy()
  return refuseLogin(context)
}

export function refuseLogin({ open, shown }: StepContext): Promise<Reply> {
  return showLoginAgain(open, shown, '', { kind: 'ended' })
}

/** A password that was changed ends every login from before. */
function isProved(account: AccountRecord | null, provedAt: number): account is AccountRecord {
  if (account === null || account.disabledAt !== null) return false
  return (account.passwordChangedAt ?? 0) <= provedAt
}
