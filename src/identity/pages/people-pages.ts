import { type Html, html } from './html.ts'
import type { Page } from './page.ts'

interface FormPage {
  readonly title: string
  readonly action: string
  /** In words for the person; null: nothing was wrong. */
  readonly problem: string | null
}

function toAlert(problem: string | null): Html | null {
  return problem === null ? null : html`<p class="bad" id="problem" role="alert">${problem}</p>`
}

function toDescribed(problem: string | null): Html | null {
  return problem === null ? null : html` aria-describedby="problem" aria-invalid="true"`
}

/** Asks for the address that a mail is to go to. */
export function createAddressPage({ title, action, problem, address }: FormPage & { readonly address: string }): Page {
  return {
    title,
    content: html`${toAlert(problem)}
<form method="post" action="${action}">
<label for="email">E-mail address</label>
<input id="email" name="email" type="email" value="${address}" autocomplete="email" maxlength="254" required autofocus${toDescribed(problem)}>
<button type="submit">Send me a mail</button>
</form>`,
  }
}

/** The same whoever the address belongs to. */
export function createMailSentPage(address: string): Page {
  return {
    title: 'Look into your mail',
    content: html`<p>A mail is on its way to <strong>${address}</strong>. Open the link in it to go on.</p>
<p class="quiet">It is not there? Look among unwanted mail, and whether the address is written rightly.</p>`,
  }
}

export interface NewPasswordPage extends FormPage {
  readonly username: string
  readonly token: string
}

/** Asks for a new password, for who came by a link in a mail. */
export function createNewPasswordPage({ title, action, problem, username, token }: NewPasswordPage): Page {
  return {
    title,
    content: html`<p>for <strong>${username}</strong></p>
${toAlert(problem)}
<form method="post" action="${action}">
<input type="hidden" name="token" value="${token}">
<input type="hidden" name="username" value="${username}" autocomplete="username">
${newPassword(problem, true)}
<button type="submit">Keep this password</button>
</form>`,
  }
}

/** Asks for the old password and a new one. */
export function createChangePage({ title, action, problem, username }: FormPage & { readonly username: string }): Page {
  return {
    title,
    content: html`${toAlert(problem)}
<form method="post" action="${action}">
<label for="username">User name</label>
<input id="username" name="username" value="${username}" autocomplete="username" autocapitalize="none" spellcheck="false" maxlength="254" required autofocus${toDescribed(problem)}>
<label for="password">Password until now</label>
<input id="password" name="password" type="password" autocomplete="current-password" required${toDescribed(problem)}>
${newPassword(problem, false)}
<button type="submit">Change the password</button>
</form>`,
  }
}

function newPassword(problem: string | null, first: boolean): Html {
  const described = problem === null ? 'rules' : 'problem rules'
  return html`<label for="new-password">New password</label>
<input id="new-password" name="new-password" type="password" autocomplete="new-password" required aria-describedby="${described}"${problem === null ? null : html` aria-invalid="true"`}${first ? html` autofocus` : null}>
<p class="quiet" id="rules">At least 15 characters, of any kind: several words for example.</p>`
}

export function createMessagePage(title: string, text: string): Page {
  return { title, content: html`<p>${text}</p>` }
}
