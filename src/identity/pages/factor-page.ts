import type { Texts } from '../texts/texts.ts'
import { type Html, html } from './html.ts'
import type { Page } from './page.ts'

export interface FactorPage {
  readonly action: string
  readonly cancel: string
  readonly kind: string
  readonly fields: Html
  /** In words for the person; null: nothing was wrong. */
  readonly problem: string | null
  /** What else they can prove themselves with. */
  readonly others: readonly { readonly title: string; readonly path: string }[]
  readonly formTargets: readonly string[]
}

/** Asks who gave the right password for something that only they have. */
export function createFactorPage(
  { say }: Texts,
  { action, cancel, kind, fields, problem, others, formTargets }: FactorPage,
): Page {
  return {
    title: say('factor.title'),
    content: html`${problem === null ? null : html`<p class="bad" id="problem" role="alert">${problem}</p>`}
<form method="post" action="${action}">
<input type="hidden" name="factor" value="${kind}">
${fields}
<button type="submit">${say('factor.submit')}</button>
</form>
<form method="post" action="${cancel}"><button type="submit" class="second">${say('login.cancel')}</button></form>
${others.map(({ title, path }) => html`<p><a href="${path}">${title}</a></p>`)}`,
    formTargets,
  }
}
