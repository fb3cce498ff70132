import type { Configuration } from 'oidc-provider'
import { html } from './html.ts'
import type { Page } from './page.ts'
import { sendPage } from './send-page.ts'

/** What went wrong, for the person in front of it and for who has to mend it. */
export function createErrorPage(error: string, description: string | undefined): Page {
  return {
    title: 'This did not work',
    content: html`<p>You were sent here by an application, and its request cannot be answered.</p>
<p>Go back to the application and begin again. If that does not help, tell those who run it what stands here:</p>
<p><code>${error}</code>${description === undefined ? '' : `: ${description}`}</p>`,
  }
}

/** Errors of which nobody is told by a redirect: who would get it is not known, or not to be trusted. */
export const renderErrorPage: NonNullable<Configuration['renderError']> = (ctx, out) => {
  sendPage(ctx, createErrorPage(String(out.error), out.error_description as string | undefined))
}
