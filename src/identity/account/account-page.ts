import { html } from '../pages/html.ts'
import type { Page } from '../pages/page.ts'
import type { TextKey } from '../texts/en.ts'
import type { Texts } from '../texts/texts.ts'

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
