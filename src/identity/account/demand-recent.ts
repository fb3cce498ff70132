import type { Reply } from '../../core/decision.ts'
import { twoFactors } from '../factors/assurance.ts'
import { hasSecondFactor } from '../factors/held-factors.ts'
import type { AccountContext } from './account.ts'
import { sendToLogin } from './send-to-login.ts'

const recentMs = 300_000
/** A little less, so that who comes back is never sent off again for the second in between. */
const maxAgeSeconds = 290

/**
 * Sends to log in whose login is older than five minutes, or was of one factor although there is a second: a browser
 * that was left open changes nothing about how its owner logs in (ASVS v5.0.0-7.5.1). Null: they may go on.
 */
export function demandRecent(context: AccountContext, hasSecond: boolean, path: string): Reply | null {
  const { who, now } = context
  const recent = now() - who.loggedInAt < recentMs
  const strong = !hasSecond || who.amr.includes(twoFactors)
  if (recent && strong) return null
  return sendToLogin(context, path, {
    max_age: String(maxAgeSeconds),
    ...(hasSecond && { acr_values: 'aal2' }),
  })
}

/** The same, where the second factor is whatever the account has. */
export async function demandOwner(context: AccountContext, path: string): Promise<Reply | null> {
  const { factors, options, who, mount } = context
  const hasSecond = options.secondFactor !== 'off' && hasSecondFactor(await factors.list(who.account.id))
  return demandRecent(context, hasSecond, mount + path)
}
