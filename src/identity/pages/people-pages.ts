import type { Texts } from '../texts/texts.ts'
import { type Html, html } from './html.ts'
import type { Page } from './page.ts'

interface FormPage {
  readonly title: string
  readonly action: string
  /** In words for the person; null: nothing was wrong. */
  readonly problem: string | null
}

export function toAlert(problem: string | null): Html | null {
  return problem === null ? null : html`<p class="bad" id="problem" role="alert">${problem}</p>`
}

export function toDescribed(problem: string | null): Html | null {
  return problem === null ? null : html` aria-describedby="problem" aria-invalid="true"`
}

/** Asks for the address that a mail is to go to. */
export function createAddressPage(
  { say }: Texts,
  { title, action, problem, address }: FormPage & { readonly address: string },
): Page {
  return {
    title,
    content: html`${toAlert(problem)}
<form method="post" action="${action}">
<label for="email">${say('address.label')}</label>
<input id="email" name="email" type="email" value="${address}" autocomplete="email" maxlength="254" required autofocus${toDescribed(problem)}>
<button type="submit">${say('address.submit')}</button>
</form>`,
  }
}

/** The same whoever the address belongs to. */
export function createMailSentPage({ say, mark }: Texts, address: string): Page {
  return {
    title: say('mailSent.title'),
    content: html`<p>${mark('mailSent.onItsWay', { address: html`<strong>${address}</strong>` })}</p>
<p class="quiet">${say('mailSent.notThere')}</p>`,
  }
}

export interface NewPasswordPage extends FormPage {
  readonly username: string
  readonly token: string
}

/** Asks for a new password, for who came by a link in a mail. */
export function createNewPasswordPage(
  texts: Texts,
  { title, action, problem, username, token }: NewPasswordPage,
): Page {
  return {
    title,
    content: html`<p>${texts.mark('password.for', { username: html`<strong>${username}</strong>` })}</p>
${toAlert(problem)}
<form method="post" action="${action}">
<input type="hidden" name="token" value="${token}">
<input type="hidden" name="username" value="${username}" autocomplete="username">
${newPassword(texts, problem, true)}
<button type="submit">${texts.say('password.keep')}</button>
</form>`,
  }
}

/** Asks who the first account is for, of whoever has the link from the console. */
export function createFirstAccountPage(
  texts: Texts,
  { title, action, problem, username, token }: NewPasswordPage,
): Page {
  const { say } = texts
  return {
    title,
    content: html`<p>${say('first.explained')}</p>
${toAlert(problem)}
<form method="post" action="${action}">
<input type="hidden" name="token" value="${token}">
<label for="username">${say('first.username')}</label>
<input id="username" name="username" value="${username}" autocomplete="username" autocapitalize="none" spellcheck="false" maxlength="254" required autofocus${toDescribed(problem)}>
${newPassword(texts, problem, false)}
<button type="submit">${say('first.submit')}</button>
</form>`,
  }
}

/** Asks for the old password and a new one. */
export function createChangePage(
  texts: Texts,
  { title, action, problem, username }: FormPage & { readonly username: string },
): Page {
  const { say } = texts
  return {
    title,
    content: html`${toAlert(problem)}
<form method="post" action="${action}">
<label for="username">${say('login.username')}</label>
<input id="username" name="username" value="${username}" autocomplete="username" autocapitalize="none" spellcheck="false" maxlength="254" required autofocus${toDescribed(problem)}>
<label for="password">${say('password.untilNow')}</label>
<input id="password" name="password" type="password" autocomplete="current-password" required${toDescribed(problem)}>
${newPassword(texts, problem, false)}
<button type="submit">${say('password.change')}</button>
</form>`,
  }
}

function newPassword({ say }: Texts, problem: string | null, first: boolean): Html {
  const described = problem === null ? 'rules' : 'problem rules'
  return html`<label for="new-password">${say('password.new')}</label>
<input id="new-password" name="new-password" type="password" autocomplete="new-password" required aria-describedby="${described}"${problem === null ? null : html` aria-invalid="true"`}${first ? html` autofocus` : null}>
<p class="quiet" id="rules">${say('password.rules')}</p>`
}

/** @param link where people can go on from there */
export function createMessagePage(
  title: string,
  text: string,
  link?: { readonly path: string; readonly label: string },
): Page {
  const on = link === undefined ? null : html`\n<p><a href="${link.path}">${link.label}</a></p>`
  return { title, content: html`<p>${text}</p>${on}` }
}
