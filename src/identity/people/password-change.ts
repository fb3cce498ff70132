import { digestSecret } from '../../crypto/digest.ts'
import type { AccountRecord } from '../../stores/ports/account-store.ts'
import type { PasswordChange, TokenUse } from '../../stores/ports/people-store.ts'
import { parseAddress } from '../mail/address.ts'
import { toWaitingMail } from '../mail/queue.ts'
import type { Texts } from '../texts/texts.ts'
import { createChangedMail } from './mails.ts'
import type { PeopleContext } from './people.ts'

/** Beyond the life of a token, by how much the clocks that judge it may differ. */
const slackMs = 60_000
const dayMs = 86_400_000

/** A new password, with everything that ends with the old one. */
export function toPasswordChange(
  { issuer, site, payloads, accessTokenMs, now }: PeopleContext,
  texts: Texts,
  { id, username }: Pick<AccountRecord, 'id' | 'username'>,
  hash: string,
  token: TokenUse | null,
): PasswordChange {
  const at = now()
  const address = parseAddress(username)
  const revoked = { issuer, kind: 'subject', value: id, revokedAt: at, issuedUntil: at } as const
  return {
    accountId: id,
    hash,
    accountDigest: digestSecret(id),
    revocation: { ...revoked, endsAt: at + accessTokenMs + slackMs, reason: 'the password was changed' },
    mail: address === null ? null : toWaitingMail(payloads, createChangedMail(texts, address, site), at, at + dayMs),
    token,
    now: at,
  }
}
