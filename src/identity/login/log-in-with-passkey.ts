import type { Refusal, Reply } from '../../core/decision.ts'
import type { PolicyLog } from '../../core/telemetry.ts'
import type { Passkeys } from '../passkeys/passkeys.ts'
import { completeLogin } from './complete-login.ts'
import { readForm } from './read-form.ts'
import { showLoginAgain, showStep } from './show-page.ts'
import type { StepContext } from './steps.ts'

/** A passkey was used instead of a name and a password. It is two factors by itself: the device, and what opens it. */
export async function logInWithPasskey(context: StepContext): Promise<Reply | Refusal> {
  const { exchange, open, shown, passkeys, log } = context
  // The page of a step before, sent again: what is to be done now is shown.
  if (open.interaction.prompt.name !== 'login' || passkeys === null) return showStep(open, shown)
  const form = await readForm(exchange)
  if ('kind' in form) return form
  const proof = await prove(passkeys, form.get('passkey') ?? '', open.interaction.uid, log)
  if (proof.kind !== 'proven') return showLoginAgain(open, shown, '', proof)
  return completeLogin(context, proof.account.id, proof.amr)
}

async function prove(passkeys: Passkeys, text: string, uid: string, log: PolicyLog) {
  try {
    return await passkeys.prove(text, { purpose: 'log-in', within: uid }, null)
  } catch (error) {
    log.error('login_not_judged', { error })
    return { kind: 'unavailable' } as const
  }
}

/** What the login page asks the browser for; null: passkeys are not offered now. */
export async function offerPasskey(passkeys: Passkeys | null, uid: string, log: PolicyLog): Promise<object | null> {
  try {
    return passkeys === null ? null : await passkeys.askToUse({ purpose: 'log-in', within: uid })
  } catch (error) {
    // Whoever has a password is not kept from using it.
    log.error('passkey_not_offered', { error })
    return null
  }
}
