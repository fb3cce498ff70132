import { html } from './html.ts'
import type { Page } from './page.ts'

export interface ConsentPage {
  readonly action: string
  readonly clientName: string
  readonly scopes: readonly string[]
  /** Where people are sent back to: the one thing about a client that it cannot make up. */
  readonly redirectHost: string
  readonly formTargets: readonly string[]
}

/** What the scopes of OpenID Connect mean to a person; those of an API are its own words. */
const meanings: Readonly<Record<string, string>> = {
  openid: 'know who you are',
  profile: 'see your user name',
  offline_access: 'do this also while you are away, until you take it back',
}

export function createConsentPage({ action, clientName, scopes, redirectHost, formTargets }: ConsentPage): Page {
  const lines = scopes.map((scope) => {
    const meaning = Object.hasOwn(meanings, scope) ? meanings[scope] : undefined
    return meaning === undefined ? html`<li><code>${scope}</code></li>` : html`<li>${meaning}</li>`
  })
  return {
    title: 'May it?',
    content: html`<p><strong>${clientName}</strong> wants to:</p>
<ul>${lines.length === 0 ? html`<li>act for you</li>` : lines}</ul>
<p class="quiet">Afterwards you are sent to <strong>${redirectHost}</strong>.</p>
<form method="post" action="${action}/consent"><button type="submit" autofocus>Allow</button></form>
<form method="post" action="${action}/cancel"><button type="submit" class="second">Do not allow</button></form>`,
    formTargets,
  }
}
