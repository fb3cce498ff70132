import { peoplePaths } from '../endpoints.ts'
import { type Html, html } from '../pages/html.ts'
import type { Page } from '../pages/page.ts'
import type { TextKey } from '../texts/en.ts'
import type { Texts } from '../texts/texts.ts'
import type { AccountContext } from './account.ts'

export interface AccountPage {
  readonly username: string
  readonly logoutPath: string
  readonly sections: readonly { readonly title: TextKey; readonly path: string }[]
}

export function createAccountPage({ say, mark }: Texts, { username, logoutPath, sections }: AccountPage): Page {
  return {
    title: say('account.title'),
    content: html`<p>${mark('account.signedInAs', { username: html`<strong>${username}</strong>` })}</p>
<ul>${sections.map(({ title, path }) => html`<li><a href="${path}">${say(title)}</a></li>`)}</ul>
<p><a href="${logoutPath}">${say('logout.submit')}</a></p>`,
  }
}

export function backLink({ look, mount }: Pick<AccountContext, 'look' | 'mount'>): Html {
  return html`<p><a href="${mount + peoplePaths.account}">${look.texts.say('account.back')}</a></p>`
}

/** A moment, to the minute: where the person is nobody knows without a script. */
export function toTime({ language }: Texts, at: number): Html {
  const format = new Intl.DateTimeFormat(language, { dateStyle: 'medium', timeStyle: 'short', timeZone: 'UTC' })
  return html`<time datetime="${new Date(at).toISOString()}">${format.format(at)} UTC</time>`
}
