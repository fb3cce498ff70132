import { type Refusal, type Reply, reply } from '../../core/decision.ts'
import { auditStorePort } from '../../stores/ports/audit-store.ts'
import { connectionLookupPort } from '../../stores/ports/connection-store.ts'
import { toUsername } from '../../stores/ports/username.ts'
import { peoplePaths } from '../endpoints.ts'
import { readForm } from '../login/read-form.ts'
import { parseAddress } from '../mail/address.ts'
import { toWaitingMail } from '../mail/queue.ts'
import { html } from '../pages/html.ts'
import { createMessagePage, toAlert, toDescribed } from '../pages/people-pages.ts'
import { replyPage } from '../pages/send-page.ts'
import { createRemovedMail } from '../people/mails.ts'
import { toRemoval } from '../people/removal.ts'
import { toIssuedTokens } from '../tokens/issued-tokens.ts'
import type { AccountContext } from './account.ts'
import { backLink } from './account-page.ts'
import { demandOwner } from './demand-recent.ts'
import { exportAccount } from './export.ts'

/*
 * Whoever finds a browser open must neither take everything away nor along.
 */

const dayMs = 86_400_000

export async function showData(context: AccountContext): Promise<Reply> {
  const { look, mount } = context
  const { say } = look.texts
  const content = html`<p>${say('data.explained')}</p>
<p><a href="${mount + peoplePaths.dataFile}">${say('data.download')}</a></p>
<p><a href="${mount + peoplePaths.remove}">${say('remove.title')}</a></p>
${backLink(context)}`
  return (await demandOwner(context, peoplePaths.data)) ?? replyPage(200, look, { title: say('data.title'), content })
}

export async function sendData(context: AccountContext): Promise<Reply> {
  const demanded = await demandOwner(context, peoplePaths.data)
  if (demanded !== null) return demanded
  const { provide, who, log } = context
  const given = { connections: provide(connectionLookupPort), audit: provide(auditStorePort) }
  const data = await exportAccount({ ...context, ...given }, who.account)
  log.info('account_exported', {})
  const headers = [
    ['content-type', 'application/json'],
    ['content-disposition', 'attachment; filename="account.json"'],
    ['cache-control', 'no-store'],
  ] as const
  return reply(200, headers, `${JSON.stringify(data, null, 2)}\n`)
}

export async function showRemoval(context: AccountContext, problem: string | null = null): Promise<Reply> {
  const { look, who, mount } = context
  const { say, mark } = look.texts
  const content = html`<p>${say('remove.explained')}</p>
<p>${mark('remove.confirm', { username: html`<strong>${who.account.username}</strong>` })}</p>
${toAlert(problem)}
<form method="post" action="${mount + peoplePaths.remove}">
<label for="username">${say('login.username')}</label>
<input id="username" name="username" autocomplete="off" autocapitalize="none" spellcheck="false" maxlength="254" required autofocus${toDescribed(problem)}>
<button type="submit">${say('remove.submit')}</button>
</form>
${backLink(context)}`
  const page = () => replyPage(problem === null ? 200 : 422, look, { title: say('remove.title'), content })
  return (await demandOwner(context, peoplePaths.remove)) ?? page()
}

/** The account is gone afterwards, with everything that belongs to it. */
export async function removeOwn(context: AccountContext): Promise<Reply | Refusal> {
  const demanded = await demandOwner(context, peoplePaths.remove)
  if (demanded !== null) return demanded
  const { exchange, options, people, payloads, look, who, now, log } = context
  const form = await readForm(exchange)
  if ('kind' in form) return form
  const { account } = who
  const { say } = look.texts
  if (toUsername(form.get('username') ?? '') !== account.username) return showRemoval(context, say('remove.wrong'))
  const at = now()
  const address = options.mail === undefined ? null : parseAddress(account.username)
  const site = new URL(options.issuer).host
  const mail =
    address === null ? null : toWaitingMail(payloads, createRemovedMail(look.texts, address, site), at, at + dayMs)
  await people.remove(toRemoval(account, toIssuedTokens(options, at), mail, at))
  log.info('account_removed', {})
  return replyPage(200, look, createMessagePage(say('remove.doneTitle'), say('remove.done')))
}
