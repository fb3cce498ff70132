import { type Refusal, type Reply, reply } from '../../core/decision.ts'
import { twoFactors } from '../factors/assurance.ts'
import { chooseKind, type HeldKind, toHeldKinds } from '../factors/held-factors.ts'
import { type FactorProof, judgeFactor } from '../factors/judge-factor.ts'
import { rememberDevice, rememberedBrowser } from '../factors/remembered-devices.ts'
import { replyFactorForm } from '../factors/reply-factor-form.ts'
import type { LoginProblem } from '../pages/login-page.ts'
import { toFormTarget } from '../pages/page.ts'
import { finishLogin, refuseLogin } from './complete-login.ts'
import { endHalfLogin, findHalfLogin, type HalfLogin } from './half-login.ts'
import { readForm } from './read-form.ts'
import type { StepContext } from './steps.ts'

/** The form of a second factor: the first that the account has, or the one that was chosen. */
export async function showFactor(context: StepContext): Promise<Reply> {
  const half = await findHalfLogin(context)
  if (half === null) return reply(303, [['location', context.shown.action]])
  const kinds = toHeldKinds(await context.factors.list(half.account.id))
  const chosen = chooseKind(kinds, context.exchange.query)
  // It was removed meanwhile.
  if (chosen === undefined) return refuseLogin(context)
  return showForm(context, half, kinds, chosen, null)
}

/** What was sent is judged: with it, and not before, the login is done. */
export async function proveFactor(context: StepContext): Promise<Reply | Refusal> {
  const form = await readForm(context.exchange)
  if ('kind' in form) return form
  const half = await findHalfLogin(context)
  if (half === null) return refuseLogin(context)
  const kinds = toHeldKinds(await context.factors.list(half.account.id))
  const chosen = kinds.find(({ factor }) => factor.kind === form.get('factor'))
  if (chosen === undefined) return refuseLogin(context)
  const verdict = await judgeFactor(context, toProof(context, half), chosen, form)
  if (verdict.kind !== 'proved') return showForm(context, half, kinds, chosen, verdict)
  await endHalfLogin(context)
  const amr = [...new Set([...half.amr.filter((one) => one !== rememberedBrowser), ...verdict.amr, twoFactors])]
  const done = await finishLogin(context, { ...half, amr })
  // Of a recovery code nobody knows whether the browser is its owner's.
  if (done.status !== 303 || form.get('remember') !== 'yes' || !chosen.factor.counts) return done
  const cookie = await rememberDevice(context, context.exchange, half.account.id)
  return cookie === null ? done : { ...done, headers: [...done.headers, ['set-cookie', cookie]] }
}

function showForm(
  context: StepContext,
  half: HalfLogin,
  kinds: readonly HeldKind[],
  chosen: HeldKind,
  problem: LoginProblem | null,
): Promise<Reply> {
  const { open, shown } = context
  const { rememberDevices } = context.factorOptions
  const days = rememberDevices === 'off' ? null : Math.max(1, Math.round(rememberDevices / 86_400_000))
  return replyFactorForm(context, shown.look, toProof(context, half), {
    ...{ kinds, chosen, problem, explained: null },
    action: `${shown.action}/factor`,
    cancel: `${shown.action}/cancel`,
    remember: chosen.factor.counts ? days : null,
    formTargets: toFormTarget(open.interaction.params.redirect_uri as string),
  })
}

function toProof({ open, exchange, shown }: StepContext, { account }: HalfLogin): FactorProof {
  return { account, within: open.interaction.uid, client: exchange.client.key, texts: shown.look.texts }
}
