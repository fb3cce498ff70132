import { html } from '../pages/html.ts'
import type { SecondFactor } from './second-factor.ts'
import { findTotpStep } from './totp.ts'

/** What is sealed of it. */
export interface TotpData {
  /** In base64url. */
  readonly secret: string
  /** The last step of time that was used. */
  readonly step: number
}

/** A code of an app that shows another one every half a minute. */
export const totpFactor: SecondFactor = {
  kind: 'totp',
  title: 'factor.totp',
  counts: true,
  fields: ({ texts: { say } }, described) => {
    return html`<label for="code">${say('factor.totpCode')}</label>
<input id="code" name="code" inputmode="numeric" autocomplete="one-time-code" autocapitalize="none" spellcheck="false" maxlength="20" required autofocus${described}>`
  },
  async judge(context, form) {
    const code = form.get('code') ?? ''
    let proved = false
    // All are looked at, so that time does not tell which one it was.
    for (const factor of context.held) {
      const data = (await context.open(factor)) as TotpData
      const secret = Buffer.from(data.secret, 'base64url')
      const step = findTotpStep(secret, code, context.now(), data.step)
      if (step !== null && (await context.use(factor, { ...data, step }))) proved = true
    }
    return proved ? { kind: 'proved', amr: ['otp'] } : { kind: 'wrong' }
  },
}
