import type { FactorRecord } from '../../stores/ports/factor-store.ts'
import type { Texts } from '../texts/texts.ts'
import { type Html, html } from './html.ts'
import type { Page } from './page.ts'
import { createPasskeyForm } from './passkey-form.ts'

export interface PasskeysPage {
  readonly action: string
  readonly back: string
  readonly passkeys: readonly FactorRecord[]
  /** What the browser is asked to make; null: there are as many as an account may have. */
  readonly options: object | null
  /** In words for the person; null: nothing was wrong. */
  readonly problem: string | null
}

export const maxNameLength = 60

/** The passkeys of an account: what they are called, and what can be done with them. */
export function createPasskeysPage(texts: Texts, page: PasskeysPage): Page {
  const { action, back, passkeys, options, problem } = page
  const { say } = texts
  const fields = html`<label for="name">${say('passkeys.name')}</label>
<input id="name" name="name" maxlength="${String(maxNameLength)}" autocomplete="off" aria-describedby="name-rule">
<p class="quiet" id="name-rule">${say('passkeys.nameRule')}</p>`
  const common = { action, does: 'make', submit: say('passkeys.add'), fields } as const
  return {
    title: say('passkeys.title'),
    content: html`${problem === null ? null : html`<p class="bad" role="alert">${problem}</p>`}
<p>${say('passkeys.what')}</p>
${passkeys.length === 0 ? html`<p>${say('passkeys.none')}</p>` : passkeys.map((passkey) => showPasskey(texts, action, passkey))}
${
  options === null
    ? html`<p>${say('passkeys.full')}</p>`
    : html`<h2>${say('passkeys.add')}</h2>
${createPasskeyForm(texts, { ...common, options })}`
}
<p><a href="${back}">${say('account.back')}</a></p>`,
    ...(options !== null && { script: 'passkeys' }),
  }
}

function showPasskey(texts: Texts, action: string, { id, label, createdAt, lastUsedAt }: FactorRecord): Html {
  const { say } = texts
  const name = label ?? say('passkeys.unnamed')
  const day = (at: number) => new Intl.DateTimeFormat(texts.language, { dateStyle: 'long', timeZone: 'UTC' }).format(at)
  const used = lastUsedAt === null ? say('passkeys.unused') : say('passkeys.used', { date: day(lastUsedAt) })
  return html`<section aria-labelledby="of-${id}">
<h2 id="of-${id}">${name}</h2>
<p class="quiet">${say('passkeys.made', { date: day(createdAt) })} ${used}</p>
<form method="post" action="${action}/rename">
<input type="hidden" name="id" value="${id}">
<label for="name-${id}">${say('passkeys.newName')}</label>
<input id="name-${id}" name="name" value="${name}" maxlength="${String(maxNameLength)}" autocomplete="off" required>
<button type="submit" class="second" aria-describedby="of-${id}">${say('passkeys.rename')}</button>
</form>
<form method="post" action="${action}/remove">
<input type="hidden" name="id" value="${id}">
<button type="submit" class="second" aria-describedby="of-${id}">${say('passkeys.remove')}</button>
</form>
</section>`
}
