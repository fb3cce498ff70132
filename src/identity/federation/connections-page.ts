import type { Connection } from '../../stores/ports/connection-store.ts'
import { type Html, html } from '../pages/html.ts'
import type { Page } from '../pages/page.ts'
import type { Texts } from '../texts/texts.ts'

export interface ConnectionsPage {
  readonly action: string
  readonly accountPath: string
  readonly connections: readonly Connection[]
  readonly providers: readonly { readonly name: string; readonly label: string }[]
  /** In words for the person; null: nothing was wrong. */
  readonly problem: string | null
}

/** What opens an account beside its password. */
export function createConnectionsPage(
  { say }: Texts,
  { action, accountPath, connections, providers, problem }: ConnectionsPage,
): Page {
  const labels = new Map(providers.map(({ name, label }) => [name, label]))
  const send = (
    field: string,
    value: string,
    text: string,
    second: boolean,
  ): Html => html`<form method="post" action="${action}">
<input type="hidden" name="${field}" value="${value}">
<button type="submit"${second ? html` class="second"` : null}>${text}</button>
</form>`
  const rows = connections.map(({ id, provider, email }) => {
    const label = labels.get(provider) ?? provider
    const named = email === null ? label : `${label} (${email})`
    return html`<li>${named}
${send('disconnect', id, say('connections.disconnect', { label: named }), true)}</li>`
  })
  const connected = new Set(connections.map(({ provider }) => provider))
  const others = providers.filter(({ name }) => !connected.has(name))
  return {
    title: say('connections.title'),
    content: html`${problem === null ? null : html`<p class="bad" role="alert">${problem}</p>`}
<p>${say(connections.length === 0 ? 'connections.none' : 'connections.some')}</p>
${rows.length === 0 ? null : html`<ul>${rows}</ul>`}
${others.map(({ name, label }) => send('connect', name, say('connections.connect', { label }), false))}
<p><a href="${accountPath}">${say('account.back')}</a></p>`,
  }
}
