import type { Refusal, Reply } from '../../core/decision.ts'
import { completeLogin } from './complete-login.ts'
import { readForm } from './read-form.ts'
import { showLoginAgain, showStep } from './show-page.ts'
import type { StepContext } from './steps.ts'

/** A name and a password were typed. */
export async function logIn(context: StepContext): Promise<Reply | Refusal> {
  const { exchange, open, shown, passwords, accounts } = context
  // The page of a step before, sent again: what is to be done now is shown.
  if (open.interaction.prompt.name !== 'login') return showStep(open, shown)
  const form = await readForm(exchange)
  if ('kind' in form) return form
  const username = form.get('username') ?? ''
  const password = form.get('password') ?? ''
  const result = await passwords.check({ username, password, client: exchange.client.key })
  if ('kind' in result) return showLoginAgain(open, shown, username.slice(0, 200), result)
  // Its password, or that it may log in at all, may have been changed while the old one was looked at.
  const account = await accounts.find(result.id)
  if (account?.signedOutAt !== result.signedOutAt)
    return showLoginAgain(open, shown, username.slice(0, 200), { kind: 'wrong' })
  return completeLogin(context, result.id, ['pwd'])
}
