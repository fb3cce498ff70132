import { type Refusal, type Reply, reply } from '../../core/decision.ts'
import { twoFactors } from '../factors/assurance.ts'
import { type HeldKind, toHeldKinds } from '../factors/held-factors.ts'
import { createFactorMail } from '../factors/mails.ts'
import { rememberDevice, rememberedBrowser } from '../factors/remembered-devices.ts'
import { openFactor, sealFactor } from '../factors/sealed-factors.ts'
import type { FactorContext, FactorVerdict } from '../factors/second-factor.ts'
import { createFactorPage } from '../pages/factor-page.ts'
import { html } from '../pages/html.ts'
import { describeLoginProblem, type LoginProblem } from '../pages/login-page.ts'
import { toFormTarget } from '../pages/page.ts'
import { replyPage } from '../pages/send-page.ts'
import { finishLogin, refuseLogin } from './complete-login.ts'
import { endHalfLogin, findHalfLogin, type HalfLogin } from './half-login.ts'
import { readForm } from './read-form.ts'
import type { StepContext } from './steps.ts'

/** The form of a second factor: the first that the account has, or the one that was chosen. */
export async function showFactor(context: StepContext): Promise<Reply> {
  const half = await findHalfLogin(context)
  if (half === null) return reply(303, [['location', context.shown.action]])
  const kinds = toHeldKinds(await context.factors.list(half.account.id))
  const wanted = new URLSearchParams(context.exchange.query).get('by')
  const chosen = kinds.find(({ factor }) => factor.kind === wanted) ?? kinds[0]
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
  const verdict = await judge(context, half, chosen, form)
  if (verdict.kind !== 'proved') return showForm(context, half, kinds, chosen, verdict)
  await endHalfLogin(context)
  const amr = [...new Set([...half.amr.filter((one) => one !== rememberedBrowser), ...verdict.amr, twoFactors])]
  const done = await finishLogin(context, { ...half, amr })
  // Of a recovery code nobody knows whether the browser is its owner's.
  if (done.status !== 303 || form.get('remember') !== 'yes' || !chosen.factor.counts) return done
  const cookie = await rememberDevice(context, context.exchange, half.account.id)
  return cookie === null ? done : { ...done, headers: [...done.headers, ['set-cookie', cookie]] }
}

/** A guess counts before it is looked at, so that of many at the same time none slips through. */
async function judge(
  context: StepContext,
  { account }: HalfLogin,
  chosen: HeldKind,
  form: ReadonlyMap<string, string>,
): Promise<(FactorVerdict & { readonly kind: 'proved' }) | LoginProblem> {
  const { attempts, exchange, log } = context
  try {
    // No user name holds a NUL, so that these guesses are counted apart from those of passwords.
    const username = `factor\0${account.id}`
    const attempt = await attempts.begin({ tenant: account.tenant, username, client: exchange.client.key })
    if (attempt.kind === 'locked') return { kind: 'locked', retryAfterSeconds: attempt.retryAfterSeconds }
    let verdict: FactorVerdict
    try {
      verdict = await chosen.factor.judge(toFactorContext(context, account, chosen), form)
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

function toFactorContext(step: StepContext, account: HalfLogin['account'], { held }: HeldKind): FactorContext {
  const { payloads, factorStore, now } = step
  return {
    step,
    account,
    held,
    open: (factor) => openFactor(payloads, factor),
    use(factor, data, event) {
      const mail = event === undefined ? null : createFactorMail(step, step.shown.look.texts, account, event)
      const to = sealFactor(payloads, factor, data)
      return factorStore.use({ id: factor.id, from: factor.data, to, mail, now: now() })
    },
  }
}

async function showForm(
  context: StepContext,
  { account }: HalfLogin,
  kinds: readonly HeldKind[],
  chosen: HeldKind,
  problem: LoginProblem | null,
): Promise<Reply> {
  const { open, shown } = context
  const { texts } = shown.look
  const action = `${shown.action}/factor`
  const described = problem === null ? null : html` aria-describedby="problem" aria-invalid="true"`
  const { rememberDevices } = context.factorOptions
  const days = rememberDevices === 'off' ? null : Math.max(1, Math.round(rememberDevices / 86_400_000))
  const page = createFactorPage(texts, {
    remember: chosen.factor.counts ? days : null,
    action,
    cancel: `${shown.action}/cancel`,
    kind: chosen.factor.kind,
    fields: await chosen.factor.fields(toFactorContext(context, account, chosen), described),
    problem:
      problem === null
        ? null
        : problem.kind === 'wrong'
          ? texts.say(chosen.factor.wrong ?? 'factor.wrong')
          : describeLoginProblem(texts, problem),
    others: kinds
      .filter((kind) => kind !== chosen)
      .map(({ factor }) => ({ title: texts.say(factor.title), path: `${action}?by=${factor.kind}` })),
    formTargets: toFormTarget(open.interaction.params.redirect_uri as string),
    script: chosen.factor.script,
  })
  const status = problem === null ? 200 : problem.kind === 'locked' ? 429 : problem.kind === 'unavailable' ? 503 : 422
  const answer = replyPage(status, shown.look, page)
  if (problem?.kind !== 'locked') return answer
  return { ...answer, headers: [...answer.headers, ['retry-after', String(problem.retryAfterSeconds)]] }
}
