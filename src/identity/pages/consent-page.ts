import type { TextKey } from '../texts/en.ts'
import type { Texts } from '../texts/texts.ts'
import { type Html, html } from './html.ts'
import type { Page } from './page.ts'

export interface ConsentPage {
  readonly action: string
  readonly clientName: string
  readonly scopes: readonly string[]
  /** Where people are sent back to: the one thing about a client that it cannot make up. Null: nowhere, it is a device. */
  readonly redirectHost: string | null
  readonly formTargets: readonly string[]
}

/** What the scopes of OpenID Connect mean to a person; those of an API are its own words. */
const meanings: Readonly<Record<string, TextKey>> = {
  openid: 'consent.openid',
  profile: 'consent.profile',
  email: 'consent.email',
  offline_access: 'consent.offline_access',
}

export function createConsentPage(
  texts: Texts,
  { action, clientName, scopes, redirectHost, formTargets }: ConsentPage,
): Page {
  const { say, mark } = texts
  const client = html`<strong>${clientName}</strong>`
  return {
    title: say('consent.title'),
    content: html`<p>${mark('consent.wants', { client })}</p>
${listScopes(texts, scopes)}
${redirectHost === null ? null : html`<p class="quiet">${mark('consent.sentTo', { host: html`<strong>${redirectHost}</strong>` })}</p>`}
<form method="post" action="${action}/consent"><button type="submit" autofocus>${say('consent.allow')}</button></form>
<form method="post" action="${action}/cancel"><button type="submit" class="second">${say('consent.deny')}</button></form>`,
    formTargets,
  }
}

/** What a client may do once it is allowed to. */
export function listScopes({ say }: Texts, scopes: readonly string[]): Html {
  // A scope that is asked for at an API as well says the same twice.
  const lines = [...new Set(scopes)].map((scope) => {
    const meaning = Object.hasOwn(meanings, scope) ? meanings[scope] : undefined
    return meaning === undefined ? html`<li><code>${scope}</code></li>` : html`<li>${say(meaning)}</li>`
  })
  return html`<ul>${lines.length === 0 ? html`<li>${say('consent.act')}</li>` : lines}</ul>`
}
