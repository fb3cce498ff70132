import { findPasswordProblem } from '../../accounts/password-rules.ts'
import type { Refusal, Reply } from '../../core/decision.ts'
import type { Exchange } from '../../core/exchange.ts'
import { peoplePaths, toMount } from '../endpoints.ts'
import { readForm } from '../login/read-form.ts'
import { describeLoginProblem } from '../pages/login-page.ts'
import type { Look } from '../pages/look.ts'
import { tellPasswordProblem } from '../pages/password-problem.ts'
import { createChangePage, createMessagePage } from '../pages/people-pages.ts'
import { replyPage } from '../pages/send-page.ts'
import { toAccountLink } from './links.ts'
import { toPasswordChange } from './password-change.ts'
import type { PeopleContext } from './people.ts'

export function showChange(
  { issuer }: PeopleContext,
  look: Look,
  username = '',
  problem: string | null = null,
  status = 200,
): Reply {
  const action = toMount(issuer).mount + peoplePaths.password
  const title = look.texts.say('password.changeTitle')
  return replyPage(status, look, createChangePage(look.texts, { title, action, problem, username }))
}

/** Whoever knows the old password, within the limits of every login. */
export async function changePassword(context: PeopleContext, exchange: Exchange, look: Look): Promise<Reply | Refusal> {
  const form = await readForm(exchange)
  if ('kind' in form) return form
  const { tenant, site, passwords, hasher, store, logouts, log } = context
  const username = (form.get('username') ?? '').slice(0, 254)
  const chosen = form.get('new-password') ?? ''
  // Looked at first: it tells nothing about the account.
  const problem = findPasswordProblem(chosen, { username, tenant, host: site })
  if (problem !== null) return showChange(context, look, username, tellPasswordProblem(look.texts, problem), 422)
  const account = await passwords.check({ username, password: form.get('password') ?? '', client: exchange.client.key })
  if ('kind' in account) {
    const status = account.kind === 'locked' ? 429 : account.kind === 'unavailable' ? 503 : 422
    return showChange(context, look, username, describeLoginProblem(look.texts, account), status)
  }
  const logins = await logouts.list(account)
  const change = toPasswordChange(context, look.texts, account, await hasher.hash(chosen), null)
  // Another one may have been chosen by mail since the old one was looked at: that one stays.
  if ((await store.changePassword({ ...change, judged: account })) !== 'done')
    return showChange(context, look, username, describeLoginProblem(look.texts, { kind: 'wrong' }), 422)
  logouts.tell(account.id, logins)
  log.info('password_changed', {})
  const { say } = look.texts
  return replyPage(
    200,
    look,
    createMessagePage(say('password.changed'), say('password.loggedOut'), toAccountLink(context.issuer, look.texts)),
  )
}
