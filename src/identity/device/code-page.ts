import { html } from '../pages/html.ts'
import type { Page } from '../pages/page.ts'
import type { Texts } from '../texts/texts.ts'

export interface CodePage {
  readonly action: string
  /** Of oidc-provider: the form is good in the browser that was shown it. Null: it first asks for another form. */
  readonly xsrf: string | null
  readonly code: string
  /** In words for the person; null: nothing was wrong. */
  readonly problem: string | null
}

/** Asks for the code that a device shows. */
export function createCodePage({ say }: Texts, { action, xsrf, code, problem }: CodePage): Page {
  const described = problem === null ? null : html` aria-describedby="problem" aria-invalid="true"`
  return {
    title: say('device.title'),
    content: html`<p>${say('device.enter')}</p>
${problem === null ? null : html`<p class="bad" id="problem" role="alert">${problem}</p>`}
<form method="${xsrf === null ? 'get' : 'post'}" action="${action}">
${xsrf === null ? null : html`<input type="hidden" name="xsrf" value="${xsrf}">`}
<label for="user-code">${say('device.code')}</label>
<input id="user-code" name="user_code" value="${code}" autocomplete="off" autocapitalize="characters" spellcheck="false" maxlength="20" required autofocus${described}>
<button type="submit">${say('device.submit')}</button>
</form>`,
  }
}
