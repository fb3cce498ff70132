import { type Html, html } from './html.ts'
import type { Page } from './page.ts'

export type LoginProblem =
  | { readonly kind: 'wrong' }
  | { readonly kind: 'locked'; readonly retryAfterSeconds: number }
  | { readonly kind: 'unavailable' }

/** Where people without a password go; null: there is no such page. */
export interface PeopleLinks {
  readonly signUp: string | null
  readonly reset: string | null
}

export interface LoginPage {
  readonly action: string
  readonly clientName: string
  readonly username: string
  readonly problem: LoginProblem | null
  readonly formTargets: readonly string[]
  readonly links: PeopleLinks
}

export function createLoginPage({ action, clientName, username, problem, formTargets, links }: LoginPage): Page {
  const told = problem === null ? null : describeLoginProblem(problem)
  const describedBy = told === null ? null : html` aria-describedby="problem" aria-invalid="true"`
  return {
    title: 'Log in',
    content: html`<p>to go on to <strong>${clientName}</strong></p>
${told === null ? null : html`<p class="bad" id="problem" role="alert">${told}</p>`}
<form method="post" action="${action}">
<label for="username">User name</label>
<input id="username" name="username" value="${username}" autocomplete="username" autocapitalize="none" spellcheck="false" maxlength="200" required${username === '' ? autofocus : null}${describedBy}>
<label for="password">Password</label>
<input id="password" name="password" type="password" autocomplete="current-password" required${username === '' ? null : autofocus}${describedBy}>
<button type="submit">Log in</button>
</form>
<form method="post" action="${action}/cancel"><button type="submit" class="second">Cancel</button></form>
${links.reset === null ? null : html`<p><a href="${links.reset}">Forgot your password?</a></p>`}
${links.signUp === null ? null : html`<p><a href="${links.signUp}">Create an account</a></p>`}`,
    formTargets,
  }
}

const autofocus: Html = html` autofocus`

export function describeLoginProblem(problem: LoginProblem): string {
  switch (problem.kind) {
    case 'wrong':
      return 'User name or password is wrong. Try again.'
    case 'locked':
      return `Too many attempts failed. Try again in ${toWait(problem.retryAfterSeconds)}.`
    case 'unavailable':
      return 'Nobody can log in at this moment. Try again in a minute.'
  }
}

function toWait(seconds: number): string {
  if (seconds < 90) return `${seconds} seconds`
  return `${Math.ceil(seconds / 60)} minutes`
}
