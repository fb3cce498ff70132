import { type Refusal, type Reply, reply } from '../../core/decision.ts'
import { twoFactors } from '../factors/assurance.ts'
import { hasSecondFactor } from '../factors/held-factors.ts'
import { beginEnrolment, confirmEnrolment } from '../factors/totp-enrolment.ts'
import { createEnrolmentPage, createRecoveryPage } from '../pages/enrolment-page.ts'
import { html } from '../pages/html.ts'
import { toFormTarget } from '../pages/page.ts'
import { createMessagePage } from '../pages/people-pages.ts'
import { replyPage } from '../pages/send-page.ts'
import { finishLogin, refuseLogin } from './complete-login.ts'
import { endHalfLogin, findHalfLogin, type HalfLogin, keepHalfLogin } from './half-login.ts'
import { readForm } from './read-form.ts'
import type { StepContext } from './steps.ts'

/** Who needs a second factor and has none gets one, before the login is done. */
export async function showEnrolment(context: StepContext): Promise<Reply> {
  const half = await findHalfLogin(context)
  if (half === null) return reply(303, [['location', context.shown.action]])
  return (await canEnrol(context, half)) ? showForm(context, half, null) : refuseLogin(context)
}

export async function enrol(context: StepContext): Promise<Reply | Refusal> {
  const { shown, open, log } = context
  const { texts } = shown.look
  const form = await readForm(context.exchange)
  if ('kind' in form) return form
  const half = await findHalfLogin(context)
  if (half === null) return refuseLogin(context)
  // The codes were seen: now the login is done.
  if (half.amr.includes(twoFactors)) {
    await endHalfLogin(context)
    return finishLogin(context, half)
  }
  if (!(await canEnrol(context, half))) return refuseLogin(context)
  const confirmed = await confirmEnrolment(context, {
    ...{ account: half.account, place: open.interaction.uid, texts },
    ...{ code: form.get('code') ?? '', label: form.get('label') ?? '' },
  })
  if (confirmed.kind === 'wrong') return showForm(context, half, texts.say('factor.wrong'))
  if (confirmed.kind === 'ended') return showForm(context, half, null)
  if (confirmed.kind === 'full')
    return replyPage(409, shown.look, createMessagePage(texts.say('factors.title'), texts.say('factors.full')))
  log.info('factor_added', {})
  await keepHalfLogin(context, { ...half, amr: [...half.amr, 'otp', twoFactors] })
  const goOn = html`<form method="post" action="${shown.action}/enrol"><button type="submit">${texts.say('recovery.done')}</button></form>`
  const targets = toFormTarget(open.interaction.params.redirect_uri as string)
  return replyPage(200, shown.look, createRecoveryPage(texts, confirmed.codes ?? [], goOn, targets))
}

/** Whoever has a second factor proves it: who knows no more than a password must not get past it with a new one. */
async function canEnrol({ factors }: StepContext, { account }: HalfLogin): Promise<boolean> {
  return !hasSecondFactor(await factors.list(account.id))
}

async function showForm(context: StepContext, { account }: HalfLogin, problem: string | null): Promise<Reply> {
  const { open, shown, factorOptions } = context
  const { texts } = shown.look
  const { secret } = await beginEnrolment(context, open.interaction.uid, account.id)
  const page = createEnrolmentPage(texts, {
    action: `${shown.action}/enrol`,
    ...{ secret, problem, reason: texts.say('totp.needed') },
    site: new URL(factorOptions.issuer).host,
    username: account.username,
    formTargets: toFormTarget(open.interaction.params.redirect_uri as string),
  })
  return replyPage(problem === null ? 200 : 422, shown.look, page)
}
