import type { Reply } from '../../core/decision.ts'
import { createFactorPage, type FactorPage } from '../pages/factor-page.ts'
import { html } from '../pages/html.ts'
import { describeLoginProblem, type LoginProblem } from '../pages/login-page.ts'
import type { Look } from '../pages/look.ts'
import { replyPage } from '../pages/send-page.ts'
import type { HeldKind } from './held-factors.ts'
import { type FactorProof, type JudgeDeps, toFactorContext } from './judge-factor.ts'

export interface FactorForm extends Pick<FactorPage, 'action' | 'cancel' | 'explained' | 'remember' | 'formTargets'> {
  readonly kinds: readonly HeldKind[]
  readonly chosen: HeldKind
  /** Null: nothing was wrong. */
  readonly problem: LoginProblem | null
}

/** The form of a second factor, with the others that the account has. */
export async function replyFactorForm(
  deps: JudgeDeps,
  look: Look,
  proof: FactorProof,
  { kinds, chosen, problem, ...page }: FactorForm,
): Promise<Reply> {
  const { texts } = look
  const { factor } = chosen
  const described = problem === null ? null : html` aria-describedby="problem" aria-invalid="true"`
  const shown = createFactorPage(texts, {
    ...page,
    kind: factor.kind,
    fields: await factor.fields(toFactorContext(deps, proof, chosen), described),
    problem:
      problem === null
        ? null
        : problem.kind === 'wrong'
          ? texts.say(factor.wrong ?? 'factor.wrong')
          : describeLoginProblem(texts, problem),
    others: kinds
      .filter((kind) => kind !== chosen)
      .map((kind) => ({ title: texts.say(kind.factor.title), path: `${page.action}?by=${kind.factor.kind}` })),
    script: factor.script,
  })
  const status = problem === null ? 200 : problem.kind === 'locked' ? 429 : problem.kind === 'unavailable' ? 503 : 422
  const answer = replyPage(status, look, shown)
  if (problem?.kind !== 'locked') return answer
  return { ...answer, headers: [...answer.headers, ['retry-after', String(problem.retryAfterSeconds)]] }
}
