import type { LoginAttempts } from '../../accounts/login-attempts.ts'
import type { PolicyLog } from '../../core/telemetry.ts'
import type { AccountRecord } from '../../stores/ports/account-store.ts'
import type { LoginProblem } from '../pages/login-page.ts'
import type { Passkeys } from '../passkeys/passkeys.ts'
import type { Texts } from '../texts/texts.ts'
import type { FactorDeps } from './factor-deps.ts'
import type { HeldKind } from './held-factors.ts'
import { createFactorMail } from './mails.ts'
import { openFactor, sealFactor } from './sealed-factors.ts'
import type { FactorContext, FactorVerdict } from './second-factor.ts'

export interface JudgeDeps extends FactorDeps {
  /** Null: there are none here. */
  readonly passkeys: Passkeys | null
  readonly attempts: LoginAttempts
  readonly log: PolicyLog
}

/** Who has to prove a second factor, and what for. */
export interface FactorProof {
  readonly account: AccountRecord
  readonly within: string
  /** `Client.key`. */
  readonly client: string
  readonly texts: Texts
}

/** A guess counts before it is looked at, so that of many at the same time none slips through. */
export async function judgeFactor(
  deps: JudgeDeps,
  proof: FactorProof,
  chosen: HeldKind,
  form: ReadonlyMap<string, string>,
): Promise<(FactorVerdict & { readonly kind: 'proved' }) | LoginProblem> {
  const { attempts, log } = deps
  const { account, client } = proof
  try {
    // No user name holds a NUL, so that these guesses are counted apart from those of passwords.
    const username = `factor\0${account.id}`
    const attempt = await attempts.begin({ tenant: account.tenant, username, client })
    if (attempt.kind === 'locked') return { kind: 'locked', retryAfterSeconds: attempt.retryAfterSeconds }
    let verdict: FactorVerdict
    try {
      verdict = await chosen.factor.judge(toFactorContext(deps, proof, chosen), form)
    } catch (error) {
      await attempt.cancelled()
      throw error
    }
    if (verdict.kind === 'wrong') attempt.failed()
    else await attempt.succeeded()
    return verdict
  } catch (error) {
    log.error('factor_not_judged', { error })
    return { kind: 'unavailable' }
  }
}

export function toFactorContext(
  deps: JudgeDeps,
  { account, within, texts }: FactorProof,
  { held }: HeldKind,
): FactorContext {
  const { payloads, factorStore, passkeys, now } = deps
  return {
    ...{ account, within, texts, passkeys, now, held },
    open: (factor) => openFactor(payloads, factor),
    use(factor, data, event) {
      const mail = event === undefined ? null : createFactorMail(deps, texts, account, event)
      const to = sealFactor(payloads, factor, data)
      return factorStore.use({ id: factor.id, from: factor.data, to, mail, now: now() })
    },
  }
}
