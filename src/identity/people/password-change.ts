import type { AccountRecord } from '../../stores/ports/account-store.ts'
import type { PasswordChange, TokenUse } from '../../stores/ports/people-store.ts'
import { parseAddress } from '../mail/address.ts'
import { toWaitingMail } from '../mail/queue.ts'
import type { Texts } from '../texts/texts.ts'
import { toIssuedTokens } from '../tokens/issued-tokens.ts'
import { createChangedMail } from './mails.ts'
import type { PeopleContext } from './people.ts'

const dayMs = 86_400_000

/** A new password, with everything that ends with the old one. */
export function toPasswordChange(
  { options, site, payloads, now }: PeopleContext,
  texts: Texts,
  { id, username }: Pick<AccountRecord, 'id' | 'username'>,
  hash: string,
  token: TokenUse | null,
): PasswordChange {
  const at = now()
  const address = parseAddress(username)
  return {
    accountId: id,
    hash,
    tokens: toIssuedTokens(options, at),
    mail: address === null ? null : toWaitingMail(payloads, createChangedMail(texts, address, site), at, at + dayMs),
    token,
    now: at,
  }
}
