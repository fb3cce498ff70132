import type { Texts } from '../texts/texts.ts'
import { Html, html } from './html.ts'
import { type Page, toFormTarget } from './page.ts'

export interface Forward {
  /** Where the form is sent, and its fields: markup. */
  readonly action: Html
  readonly fields: Html
}

const made = /<form method="post" action="([^"]{1,8000})">([^<]*(?:<input type="hidden" [^>]*>[^<]*)*)<noscript>/

/** What a page of oidc-provider's own leads on with; null where it is another page. */
export function findForward(page: string): Forward | null {
  const [, action, fields] = made.exec(page) ?? []
  return action === undefined || fields === undefined ? null : { action: new Html(action), fields: new Html(fields) }
}

/** Leads on by a form: at once, or by a button where browsers run no scripts. */
export function createForwardPage({ say }: Texts, { action, fields }: Forward): Page {
  return {
    title: say('forward.title'),
    content: html`<form method="post" action="${action}">
${fields}
<noscript><p>${say('forward.explained')}</p>
<button type="submit" autofocus>${say('forward.goOn')}</button></noscript>
</form>`,
    // Escaped or not, its origin is the same.
    formTargets: toFormTarget(action.text),
    script: 'send',
  }
}
