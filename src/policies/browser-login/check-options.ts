import type { CheckContext } from '../../core/policy.ts'
import { type BrowserLoginOptions, ownIssuerName } from './options.ts'

/** Tokens are sealed, and the issuer has to be there. */
export function checkOptions({ issuer }: BrowserLoginOptions, { block }: CheckContext): readonly string[] {
  const problems: string[] = []
  if (issuer === ownIssuerName && block('identity') === undefined)
    problems.push('`issuer: identity` needs the block `identity`; another issuer is named by its address')
  if (block('secrets') === undefined)
    problems.push('tokens are kept encrypted: write the block `secrets`, with a key of `openssl rand -base64 32`')
  return problems
}
