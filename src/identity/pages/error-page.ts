import type { Configuration } from 'oidc-provider'
import type { Texts } from '../texts/texts.ts'
import { type Html, html } from './html.ts'
import type { Looks } from './look.ts'
import type { Page } from './page.ts'
import { lookFor, sendPage } from './send-page.ts'

/** What went wrong, for the person in front of it and for who has to mend it. */
export function createErrorPage({ say }: Texts, error: string, description?: Html | string): Page {
  return {
    title: say('error.title'),
    content: html`<p>${say('error.sentHere')}</p>
<p>${say('error.goBack')}</p>
<p><code>${error}</code>${description === undefined ? '' : html`: ${description}`}</p>`,
  }
}

/** Errors of which nobody is told by a redirect: who would get it is not known, or not to be trusted. */
export function createErrorRenderer(looks: Looks): NonNullable<Configuration['renderError']> {
  return (ctx, out) => {
    const look = lookFor(ctx, looks)
    const description = out.error_description as string | undefined
    // What the standards' errors say is for those who run the application, and is English on every page.
    const inEnglish = description === undefined ? undefined : html`<span lang="en">${description}</span>`
    sendPage(ctx, look, createErrorPage(look.texts, String(out.error), inEnglish))
  }
}
