import type { Texts } from '../texts/texts.ts'
import { type Html, html } from './html.ts'
import type { Page } from './page.ts'
import { createNoPasskeys } from './passkey-form.ts'

export interface FactorPage {
  readonly action: string
  /** Where a form says that the person wants none of it; null: there is nothing to be told. */
  readonly cancel: string | null
  /** What it is asked for, where that is not plain; null: it is. */
  readonly explained: string | null
  readonly kind: string
  readonly fields: Html
  /** In words for the person; null: nothing was wrong. */
  readonly problem: string | null
  /** What else they can prove themselves with. */
  readonly others: readonly { readonly title: string; readonly path: string }[]
  /** For how many days this browser may be remembered; null: it may not. */
  readonly remember: number | null
  readonly formTargets: readonly string[]
  /** The script that the form needs. */
  readonly script?: 'passkeys' | undefined
}

/** Asks who gave the right password for something that only they have. */
export function createFactorPage(
  texts: Texts,
  { action, cancel, explained, kind, fields, problem, others, remember, formTargets, script }: FactorPage,
): Page {
  const { say } = texts
  return {
    title: say('factor.title'),
    content: html`${explained === null ? null : html`<p>${explained}</p>`}
${problem === null ? null : html`<p class="bad" id="problem" role="alert">${problem}</p>`}
<form method="post" action="${action}"${script === undefined ? null : html` hidden`}>
<input type="hidden" name="factor" value="${kind}">
${fields}
${remember === null ? null : html`<p><label class="choice"><input type="checkbox" name="remember" value="yes"> ${say('factor.remember', { days: remember })}</label></p>`}
<button type="submit">${say('factor.submit')}</button>
</form>
${script === undefined ? null : createNoPasskeys(texts)}
${cancel === null ? null : html`<form method="post" action="${cancel}"><button type="submit" class="second">${say('login.cancel')}</button></form>`}
${others.map(({ title, path }) => html`<p><a href="${path}">${title}</a></p>`)}`,
    formTargets,
    ...(script !== undefined && { script }),
  }
}
