import type { Texts } from '../texts/texts.ts'
import { type Html, html } from './html.ts'

export interface PasskeyField {
  /** `make` a new one, or `use` one that is there. */
  readonly does: 'make' | 'use'
  /** What the browser is asked for, in JSON. */
  readonly options: object
  /** Whether passkeys are offered where a user name is typed (`autocomplete="username webauthn"`). */
  readonly autofill?: true
}

export interface PasskeyForm extends PasskeyField {
  readonly action: string
  readonly submit: string
  readonly second?: true
  /** Further fields. */
  readonly fields?: Html
}

/** A form that the script of passkeys sends. Without script it is not seen, and a text says why. */
export function createPasskeyForm(texts: Texts, { action, submit, second, fields, ...field }: PasskeyForm): Html {
  return html`<form method="post" action="${action}" hidden>
${fields ?? null}
${createPasskeyField(texts, field)}
<button type="submit"${second === true ? html` class="second"` : null}>${submit}</button>
</form>
${createNoPasskeys(texts)}`
}

/** What the script fills, and says, in a form that is hidden until it runs. */
export function createPasskeyField({ say }: Texts, { does, options, autofill }: PasskeyField): Html {
  return html`<input type="hidden" name="passkey" data-passkey="${does}" data-options="${JSON.stringify(options)}"${autofill === true ? html` data-autofill` : null} data-cancelled="${say('passkey.cancelled')}" data-known="${say('passkey.known')}" data-failed="${say('passkey.failed')}">`
}

export function createNoPasskeys({ say }: Texts): Html {
  return html`<p class="quiet" id="no-passkeys">${say('passkey.noScript')}</p>`
}
