import { type Refusal, type Reply, reply } from '../../core/decision.ts'
import type { Exchange } from '../../core/exchange.ts'
import { peoplePaths, toMount } from '../endpoints.ts'
import { chooseKind, type HeldKind, toHeldKinds } from '../factors/held-factors.ts'
import { judgeFactor } from '../factors/judge-factor.ts'
import { replyFactorForm } from '../factors/reply-factor-form.ts'
import { readForm } from '../login/read-form.ts'
import { describeLoginProblem, type LoginProblem } from '../pages/login-page.ts'
import type { Look } from '../pages/look.ts'
import { keepChange, showChange } from './change-password.ts'
import type { HalfChange } from './half-change.ts'
import type { PeopleContext } from './people.ts'

/*
 * Whoever has stolen a password must not be able to lock its owner out with it. A browser that is remembered has to prove
 * the second factor as well.
 */

export async function showChangeFactor(context: PeopleContext, exchange: Exchange, look: Look): Promise<Reply> {
  const half = await context.halfChanges.find(exchange)
  if (half === null) return reply(303, [['location', toMount(context.issuer).mount + peoplePaths.password]])
  const kinds = toHeldKinds(await context.factors.list(half.account.id))
  const chosen = chooseKind(kinds, exchange.query)
  // It was removed meanwhile.
  return chosen === undefined ? showEnded(context, look) : showForm(context, exchange, look, half, kinds, chosen, null)
}

/** With it, and not before, the new password holds. */
export async function proveChange(context: PeopleContext, exchange: Exchange, look: Look): Promise<Reply | Refusal> {
  const form = await readForm(exchange)
  if ('kind' in form) return form
  const { halfChanges, factors } = context
  const half = await halfChanges.find(exchange)
  if (half === null) return showEnded(context, look)
  const kinds = toHeldKinds(await factors.list(half.account.id))
  const chosen = kinds.find(({ factor }) => factor.kind === form.get('factor'))
  if (chosen === undefined) return showEnded(context, look)
  const verdict = await judgeFactor(context, toProof(exchange, look, half), chosen, form)
  if (verdict.kind !== 'proved') return showForm(context, exchange, look, half, kinds, chosen, verdict)
  if (!(await halfChanges.use(half))) return showEnded(context, look)
  const done = await keepChange(context, look, half.account, half.hash)
  return { ...done, headers: [...done.headers, halfChanges.end] }
}

function showForm(
  context: PeopleContext,
  exchange: Exchange,
  look: Look,
  half: HalfChange,
  kinds: readonly HeldKind[],
  chosen: HeldKind,
  problem: LoginProblem | null,
): Promise<Reply> {
  return replyFactorForm(context, look, toProof(exchange, look, half), {
    ...{ kinds, chosen, problem, cancel: null, remember: null, formTargets: [] },
    explained: look.texts.say('password.factor'),
    action: toMount(context.issuer).mount + peoplePaths.passwordFactor,
  })
}

function toProof({ client }: Exchange, { texts }: Look, { account, digest }: HalfChange) {
  return { account, within: `password:${digest}`, client: client.key, texts }
}

function showEnded(context: PeopleContext, look: Look): Reply {
  return showChange(context, look, '', describeLoginProblem(look.texts, { kind: 'ended' }), 422)
}
