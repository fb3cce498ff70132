import { digestSecret } from '../../crypto/digest.ts'
import type { AccountRecord } from '../../stores/ports/account-store.ts'
import type { NewMail } from '../../stores/ports/mail-store.ts'
import type { AccountRemoval, IssuedTokens } from '../../stores/ports/people-store.ts'

/** What keeps a name for a while after its account was removed. */
export const reservedNameKind = 'ReservedName'

export function toNameDigest({ tenant, username }: Pick<AccountRecord, 'tenant' | 'username'>): string {
  return digestSecret(JSON.stringify([tenant, username]))
}

/** Removes an account with everything; whose tokens may still be out keeps its name until the last has ended. */
export function toRemoval(
  account: Pick<AccountRecord, 'id' | 'tenant' | 'username'>,
  tokens: IssuedTokens | null,
  mail: NewMail | null,
  now: number,
): AccountRemoval {
  const digest = toNameDigest(account)
  const none = { payload: '', grant: null, uid: null, userCode: null }
  const reserved =
    tokens === null ? null : { kind: reservedNameKind, digest, ...none, expiresAt: tokens.endsAt, account: null }
  return { accountId: account.id, tokens, now, nameDigests: [digest], reserved, mail }
}
