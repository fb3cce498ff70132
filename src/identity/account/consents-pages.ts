import type { Refusal, Reply } from '../../core/decision.ts'
import { peoplePaths } from '../endpoints.ts'
import { readForm } from '../login/read-form.ts'
import { listScopes } from '../pages/consent-page.ts'
import { html } from '../pages/html.ts'
import { replyPage } from '../pages/send-page.ts'
import { toIssuedTokens } from '../tokens/issued-tokens.ts'
import type { AccountContext } from './account.ts'
import { backLink, toTime } from './account-page.ts'
import { listConsents } from './consents.ts'

/** Which applications may do something for somebody, and how that is taken back. */
export async function showConsents(context: AccountContext): Promise<Reply> {
  const { look, who, mount } = context
  const { texts } = look
  const { say } = texts
  const consents = await listConsents(context, who.account.id)
  const items = consents.map(({ client, name, scopes, since }) => {
    return html`<li><strong>${name}</strong><br>
<span class="quiet">${texts.mark('applications.since', { since: toTime(texts, since) })}</span>
${listScopes(look.texts, scopes)}
<form method="post" action="${mount + peoplePaths.applications}"><input type="hidden" name="client" value="${client}">
<button type="submit" class="second" aria-label="${say('applications.withdrawOf', { name })}">${say('applications.withdraw')}</button></form></li>`
  })
  const content = html`${consents.length === 0 ? html`<p>${say('applications.none')}</p>` : html`<ul class="list">${items}</ul>`}
<p class="quiet">${say('applications.explained')}</p>
${backLink(context)}`
  return replyPage(200, look, { title: say('applications.title'), content })
}

export async function withdrawConsent(context: AccountContext): Promise<Reply | Refusal> {
  const { exchange, options, people, who, now, log } = context
  const form = await readForm(exchange)
  if ('kind' in form) return form
  const consent = (await listConsents(context, who.account.id)).find(({ client }) => client === form.get('client'))
  if (consent !== undefined) {
    const tokens = toIssuedTokens(options, now())
    await people.withdraw({ accountId: who.account.id, tokens, now: now(), grants: consent.grants }, consent.client)
    log.info('consent_withdrawn', { client: consent.client })
  }
  return showConsents(context)
}
