import type { IssuedTokens } from '../../stores/ports/people-store.ts'
import type { IdentityOptions } from '../options.ts'

/** Beyond the life of a token, by how much the clocks that judge it may differ. */
const slackMs = 60_000

/** The signed tokens that are out now; null where tokens are kept, and end with what is removed. */
export function toIssuedTokens(
  { issuer, accessTokens }: Pick<IdentityOptions, 'issuer' | 'accessTokens'>,
  now: number,
): IssuedTokens | null {
  return accessTokens.format === 'opaque' ? null : { issuer, endsAt: now + accessTokens.lifetime + slackMs }
}
