import { html } from '../pages/html.ts'
import { type RecoveryData, toRecoveryDigest } from './recovery-codes.ts'
import type { SecondFactor } from './second-factor.ts'

/** A code of those that were shown once, for who has lost what else they had. */
export const recoveryFactor: SecondFactor = {
  kind: 'recovery',
  title: 'factor.recovery',
  counts: false,
  fields: ({ texts: { say } }, described) => {
    return html`<label for="code">${say('factor.recoveryCode')}</label>
<input id="code" name="code" autocomplete="off" autocapitalize="none" spellcheck="false" maxlength="100" required autofocus${described}>`
  },
  async judge(context, form) {
    const digest = toRecoveryDigest(form.get('code') ?? '')
    for (const factor of context.held) {
      const { digests } = (await context.open(factor)) as RecoveryData
      const rest = digests.filter((one) => one !== digest)
      const used = rest.length < digests.length && (await context.use(factor, { digests: rest }, 'recovered'))
      if (used) return { kind: 'proved', amr: ['recovery'] }
    }
    return { kind: 'wrong' }
  },
}
