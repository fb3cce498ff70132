import type { AccountRecord } from '../../stores/ports/account-store.ts'
import type { AccountEnd } from '../../stores/ports/people-store.ts'
import { findIssuerOf } from '../issuers.ts'
import type { IdentityOptions } from '../options.ts'
import { toIssuedTokens } from '../tokens/issued-tokens.ts'

/** What ends of an account, with the tokens that its issuer signed for it: none where the file has no such issuer. */
export function toAccountEnd(
  identity: IdentityOptions | null,
  { id, tenant }: Pick<AccountRecord, 'id' | 'tenant'>,
  now: number,
): AccountEnd {
  const issuer = identity && findIssuerOf(identity, tenant)
  return { accountId: id, tokens: issuer && toIssuedTokens(issuer, now), now }
}
