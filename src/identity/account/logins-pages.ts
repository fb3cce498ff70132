import type { Refusal, Reply } from '../../core/decision.ts'
import { peoplePaths } from '../endpoints.ts'
import { readForm } from '../login/read-form.ts'
import { type Html, html } from '../pages/html.ts'
import { createMessagePage } from '../pages/people-pages.ts'
import { replyPage } from '../pages/send-page.ts'
import { toIssuedTokens } from '../tokens/issued-tokens.ts'
import type { AccountContext } from './account.ts'
import { backLink, toTime } from './account-page.ts'
import { type Login, listLogins, toSessionEnd } from './logins.ts'

/** Where somebody is logged in, and how that ends. */
export async function showLogins(context: AccountContext): Promise<Reply> {
  const { look, who, mount } = context
  const { say } = look.texts
  const logins = await listLogins(context, who.account)
  const action = mount + peoplePaths.sessions
  const content = html`<p>${say('sessions.explained')}</p>
<ul class="list">${logins.map((login, i) => toItem(context, login, `login-${i}`, action))}</ul>
<form method="post" action="${action}/all"><button type="submit">${say('sessions.signOut')}</button></form>
<p class="quiet">${say('sessions.signOutMeans')}</p>
${backLink(context)}`
  return replyPage(200, look, { title: say('sessions.title'), content })
}

function toItem({ look, who }: AccountContext, login: Login, id: string, action: string): Html {
  const { texts } = look
  const { say } = texts
  const name = login.browser ?? say('sessions.unknownBrowser')
  const times = {
    since: toTime(texts, login.loggedInAt),
    used: toTime(texts, login.lastUsedAt),
  }
  const isThis = login.digest === who.session
  // Of several in the same browser, the button says which one it ends.
  return html`<li><div id="${id}"><strong>${name}</strong>${isThis ? html` (${say('sessions.thisBrowser')})` : null}<br>
<span class="quiet">${texts.mark('sessions.times', times)}</span></div>
<form method="post" action="${action}"><input type="hidden" name="session" value="${login.id}">
<button type="submit" class="second" aria-label="${say('sessions.endOf', { browser: name })}" aria-describedby="${id}">${say('sessions.end')}</button></form></li>`
}

/** Ends one login of who asks, and never one of anybody else's. */
export async function endLogin(context: AccountContext): Promise<Reply | Refusal> {
  const { exchange, options, people, logouts, who, now, log } = context
  const form = await readForm(exchange)
  if ('kind' in form) return form
  const login = (await listLogins(context, who.account)).find(({ id }) => id === form.get('session'))
  if (login !== undefined) {
    await people.endSession(toSessionEnd(options, who.account.id, login, now()))
    logouts.tell(who.account.id, [login])
    log.info('login_ended', {})
    if (login.digest === who.session) return showSignedOut(context)
  }
  return showLogins(context)
}

export async function signOutEverywhere(context: AccountContext): Promise<Reply> {
  const { options, people, logouts, who, now, log } = context
  const logins = await logouts.list(who.account)
  await people.signOut({ accountId: who.account.id, tokens: toIssuedTokens(options, now()), now: now() })
  logouts.tell(who.account.id, logins)
  log.info('account_signed_out', {})
  return showSignedOut(context)
}

function showSignedOut({ look }: AccountContext): Reply {
  const { say } = look.texts
  return replyPage(200, look, createMessagePage(say('logout.doneTitle'), say('logout.done')))
}
