import { createPasskeyField } from '../pages/passkey-form.ts'
import type { Passkeys } from '../passkeys/passkeys.ts'
import type { FactorContext, SecondFactor } from './second-factor.ts'

/** A passkey after a password: one of this account, which the browser is told. */
export const passkeyFactor: SecondFactor = {
  kind: 'passkey',
  title: 'factor.passkey',
  counts: true,
  wrong: 'passkey.wrong',
  script: 'passkeys',
  async fields(context) {
    const { texts, account } = context
    const passkeys = requirePasskeys(context)
    const options = await passkeys.askToUse(toUse(context), await passkeys.kept.list(account.id))
    return createPasskeyField(texts, { does: 'use', options })
  },
  async judge(context, form) {
    const proof = await requirePasskeys(context).prove(form.get('passkey') ?? '', toUse(context), context.account.id)
    return proof.kind === 'proven' ? { kind: 'proved', amr: proof.amr } : { kind: 'wrong' }
  },
}

function toUse({ within }: FactorContext) {
  return { purpose: 'second-factor', within } as const
}

/** Without them, nobody has a factor of this kind (`withoutPasskeys`). */
function requirePasskeys({ passkeys }: FactorContext): Passkeys {
  if (passkeys === null) throw new Error('passkeys are off')
  return passkeys
}
