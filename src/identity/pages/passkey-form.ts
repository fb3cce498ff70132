import type { Texts } from '../texts/texts.ts'
import { type Html, html } from './html.ts'

export interface PasskeyForm {
  readonly action: string
  /** `make` a new one, or `use` one that is there. */
  readonly does: 'make' | 'use'
  /** What the browser is asked for, in JSON. */
  readonly options: object
  /** Whether passkeys are offered where a user name is typed (`autocomplete="username webauthn"`). */
  readonly autofill?: true
  readonly submit: string
  readonly second?: true
  /** Further fields. */
  readonly fields?: Html
}

/** A form that the script of passkeys sends. Without script it is not seen, and a text says why. */
export function createPasskeyForm({ say }: Texts, form: PasskeyForm): Html {
  const { action, does, options, autofill, submit, second, fields } = form
  return html`<form method="post" action="${action}" data-passkey="${does}" data-options="${JSON.stringify(options)}"${autofill === true ? html` data-autofill` : null} data-cancelled="${say('passkey.cancelled')}" data-known="${say('passkey.known')}" data-failed="${say('passkey.failed')}" hidden>
<input type="hidden" name="passkey">
${fields ?? null}
<button type="submit"${second === true ? html` class="second"` : null}>${submit}</button>
<div role="alert"></div>
</form>
<p class="quiet" id="no-passkeys">${say('passkey.noScript')}</p>`
}
