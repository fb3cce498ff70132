import type { TextKey } from '../texts/en.ts'
import { tellWait } from '../texts/tell-wait.ts'
import type { Texts } from '../texts/texts.ts'
import { type Html, html } from './html.ts'
import type { Page } from './page.ts'
import { createPasskeyForm, type PasskeyForm } from './passkey-form.ts'

export type LoginProblem =
  | { readonly kind: 'wrong' }
  | { readonly kind: 'locked'; readonly retryAfterSeconds: number }
  | { readonly kind: 'unavailable' }
  /** It took too long, or something was changed meanwhile. */
  | { readonly kind: 'ended' }
  /** A login through another server came to nothing, or has still to be confirmed. */
  | { readonly kind: 'upstream'; readonly key: TextKey; readonly label: string }
  | { readonly kind: 'passkey_wrong' | 'passkey_late' }

/** Where people without a password go; null: there is no such page. */
export interface PeopleLinks {
  readonly signUp: string | null
  readonly reset: string | null
  /** Other servers to log in through. */
  readonly providers: readonly { readonly name: string; readonly label: string }[]
}

export interface LoginPage {
  readonly action: string
  readonly clientName: string
  readonly username: string
  readonly problem: LoginProblem | null
  readonly formTargets: readonly string[]
  readonly links: PeopleLinks
  /** What the browser is asked for; null: passkeys are not offered. */
  readonly passkey: object | null
}

export function createLoginPage(
  texts: Texts,
  { action, clientName, username, problem, formTargets, links, passkey }: LoginPage,
): Page {
  const { say, mark } = texts
  const told = problem === null ? null : describeLoginProblem(texts, problem)
  const described = told !== null && !problem?.kind.startsWith('passkey')
  const describedBy = !described ? null : html` aria-describedby="problem" aria-invalid="true"`
  return {
    title: say('login.title'),
    content: html`<p>${mark('login.goOnTo', { client: html`<strong>${clientName}</strong>` })}</p>
${told === null ? null : html`<p class="bad" id="problem" role="alert">${told}</p>`}
<form method="post" action="${action}">
<label for="username">${say('login.username')}</label>
<input id="username" name="username" value="${username}" autocomplete="${passkey === null ? 'username' : 'username webauthn'}" autocapitalize="none" spellcheck="false" maxlength="200" required${username === '' ? autofocus : null}${describedBy}>
<label for="password">${say('login.password')}</label>
<input id="password" name="password" type="password" autocomplete="current-password" required${username === '' ? null : autofocus}${describedBy}>
<button type="submit">${say('login.submit')}</button>
</form>
${passkey === null ? null : createPasskeyForm(texts, toPasskeyForm(texts, action, passkey))}
${links.providers.map(
  ({
    name,
    label,
  }) => html`<form method="post" action="${action}/with/${name}"><button type="submit" class="second">${say('with.submit', { label })}</button></form>
`,
)}<form method="post" action="${action}/cancel"><button type="submit" class="second">${say('login.cancel')}</button></form>
${links.reset === null ? null : html`<p><a href="${links.reset}">${say('login.forgot')}</a></p>`}
${links.signUp === null ? null : html`<p><a href="${links.signUp}">${say('login.signUp')}</a></p>`}`,
    formTargets,
    ...(passkey !== null && { script: 'passkeys' }),
  }
}

function toPasskeyForm({ say }: Texts, action: string, options: object): PasskeyForm {
  return {
    action: `${action}/passkey`,
    does: 'use',
    options,
    autofill: true,
    submit: say('passkey.logIn'),
    second: true,
  }
}

const autofocus: Html = html` autofocus`

export function describeLoginProblem({ say, language }: Texts, problem: LoginProblem): string {
  switch (problem.kind) {
    case 'wrong':
      return say('login.wrong')
    case 'locked':
      return say('login.locked', { wait: tellWait(language, problem.retryAfterSeconds) })
    case 'unavailable':
      return say('login.unavailable')
    case 'ended':
      return say('login.ended')
    case 'upstream':
      return say(problem.key, { label: problem.label })
    case 'passkey_wrong':
      return say('passkey.wrong')
    case 'passkey_late':
      return say('passkey.late')
  }
}
