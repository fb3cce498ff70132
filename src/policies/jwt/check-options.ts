import type { CheckContext } from '../../core/policy.ts'
import type { IssuersBlock } from './issuer-options.ts'
import type { JwtOptions } from './options.ts'

/** Finds names that no block declares while the file is read, so that the error has its line. */
export function checkOptions(options: JwtOptions, { block }: CheckContext): readonly string[] {
  const declared = Object.keys(block<IssuersBlock | undefined>('issuers') ?? {})
  if (declared.length === 0) return ['no issuer is declared: add one under the top-level key `issuers`']
  return (options.issuers ?? [])
    .filter((name) => !declared.includes(name))
    .map((name) => `there is no issuer "${name}"; declared are ${declared.join(', ')}`)
}
