import { html } from '../pages/html.ts'
import type { Page } from '../pages/page.ts'
import type { Texts } from '../texts/texts.ts'

/** Leads to another server at once; where a browser does not, the person does. */
export function createGoOnPage({ say }: Texts, label: string, url: string): Page {
  return {
    title: say('with.goOnTitle', { label }),
    content: html`<p><a href="${url}" rel="noreferrer">${say('with.goOn', { label })}</a></p>`,
  }
}
