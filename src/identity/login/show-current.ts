import type { Reply } from '../../core/decision.ts'
import { assuranceReason } from '../provider/prompts.ts'
import { completeLogin } from './complete-login.ts'
import { showStep } from './show-page.ts'
import type { StepContext } from './steps.ts'

/** The step that a login is at. Who is logged in and lacks nothing but a second factor is asked for that alone. */
export function showCurrent(context: StepContext): Reply | Promise<Reply> {
  const { interaction } = context.open
  const { name, reasons, details } = interaction.prompt
  const { accountId, amr } = interaction.session ?? {}
  const only = name === 'login' && reasons.length === 1 && reasons[0] === assuranceReason
  if (!only || accountId === undefined) return showStep(context.open, context.shown)
  // Times of logins are whole seconds, rounded down.
  const loggedInAt = Number(details.loginTs) * 1000 + 999
  return completeLogin(context, accountId, amr ?? [], loggedInAt)
}
