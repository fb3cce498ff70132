import { toBase32 } from '../factors/base32.ts'
import { toTotpUri } from '../factors/totp-enrolment.ts'
import type { Texts } from '../texts/texts.ts'
import { type Html, html } from './html.ts'
import type { Page } from './page.ts'
import { createQrCode } from './qr-code.ts'

export interface EnrolmentPage {
  readonly action: string
  readonly secret: Uint8Array
  readonly site: string
  readonly username: string
  /** In words for the person; null: nothing was wrong. */
  readonly problem: string | null
  /** Why they are asked, where they did not choose it. */
  readonly reason: string | null
  readonly formTargets: readonly string[]
}

/** Shows a secret to an app, and asks for a code of it. */
export function createEnrolmentPage(
  { say, mark }: Texts,
  { action, secret, site, username, problem, reason, formTargets }: EnrolmentPage,
): Page {
  const uri = toTotpUri(secret, site, username)
  const typed = toBase32(secret).replace(/.{4}(?=.)/g, '$& ')
  const described = problem === null ? null : html` aria-describedby="problem" aria-invalid="true"`
  return {
    title: say('totp.title'),
    content: html`${reason === null ? null : html`<p>${reason}</p>`}
${problem === null ? null : html`<p class="bad" id="problem" role="alert">${problem}</p>`}
<p>${say('totp.scan')}</p>
<p>${createQrCode(uri, say('totp.picture'))}</p>
<p class="quiet"><a href="${uri}">${say('totp.here')}</a></p>
<p class="quiet">${mark('totp.typed', { secret: html`<code>${typed}</code>` })}</p>
<form method="post" action="${action}">
<label for="code">${say('factor.totpCode')}</label>
<input id="code" name="code" inputmode="numeric" autocomplete="one-time-code" autocapitalize="none" spellcheck="false" maxlength="20" required${described}>
<label for="label">${say('totp.label')}</label>
<input id="label" name="label" maxlength="40" autocomplete="off">
<button type="submit">${say('totp.submit')}</button>
</form>`,
    formTargets,
  }
}

/** Shows recovery codes, this once; `goOn` is what comes next. */
export function createRecoveryPage(
  { say }: Texts,
  codes: readonly string[],
  goOn: Html,
  formTargets: readonly string[] = [],
): Page {
  return {
    title: say('recovery.title'),
    content: html`<p>${say('recovery.keep')}</p>
<ul>${codes.map((code) => html`<li><code>${code}</code></li>`)}</ul>
${goOn}`,
    formTargets,
  }
}
