import type { CheckContext, PolicyWarning } from '../../core/policy.ts'
import type { IssuersBlock } from './issuer-options.ts'
import type { JwtOptions } from './options.ts'

/** The switches of the issuers that this route trusts. */
export function createWarnings(options: JwtOptions, { block }: CheckContext): readonly PolicyWarning[] {
  const issuers = block<IssuersBlock | undefined>('issuers') ?? {}
  return Object.entries(issuers).flatMap(([name, { allowPrivateAddress, allowPlainHttp }]) => {
    if (options.issuers !== undefined && !options.issuers.includes(name)) return []
    const warnings: PolicyWarning[] = []
    if (allowPlainHttp !== undefined) {
      const text = `The keys of issuer "${name}" come over plain HTTP: who is on the way can replace them and forge tokens.`
      warnings.push({ text, reason: allowPlainHttp.reason })
    }
    if (allowPrivateAddress !== undefined) {
      const text = `The keys of issuer "${name}" may be fetched from loopback and private addresses.`
      warnings.push({ text, reason: allowPrivateAddress.reason })
    }
    return warnings
  })
}
