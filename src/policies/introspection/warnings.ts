import type { PolicyWarning } from '../../core/policy.ts'
import type { IntrospectionOptions } from './options.ts'

export function createWarnings({ allowPlainHttp, allowPrivateAddress, audience, issuer }: IntrospectionOptions) {
  const warnings: PolicyWarning[] = []
  if (allowPlainHttp !== undefined) {
    const text = `Tokens are sent to ${issuer} over plain HTTP: who is on the way can read them and forge answers.`
    warnings.push({ text, reason: allowPlainHttp.reason })
  }
  if (allowPrivateAddress !== undefined) {
    const text = `Questions about tokens of ${issuer} may go to loopback and private addresses.`
    warnings.push({ text, reason: allowPrivateAddress.reason })
  }
  if (audience === undefined) {
    const text = `Tokens of ${issuer} are taken whomever they are for: \`introspection\` has no \`audience\`.`
    warnings.push({ text, reason: null })
  }
  return warnings
}
