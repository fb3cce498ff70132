import { digestSecret } from '../../crypto/digest.ts'
import type { AccountRecord } from '../../stores/ports/account-store.ts'
import type { StepContext } from './steps.ts'

/** Somebody who proved who they are by one factor, and has to by another. */
export interface HalfLogin {
  readonly account: AccountRecord
  readonly amr: readonly string[]
  /** When it was proved, epoch milliseconds. */
  readonly provedAt: number
  /** When another server says that it was; null: it says nothing, or there is none. */
  readonly authenticatedAt: number | null
}

interface Kept {
  readonly accountId: string
  readonly amr: readonly string[]
  readonly provedAt: number
  readonly authenticatedAt: number | null
  readonly passwordChangedAt: number | null
}

const kind = 'HalfLogin'
const lifetimeMs = 600_000

/** Keeps it for the login of this browser; it ends with the account's password. */
export async function keepHalfLogin(
  { open, artefacts, payloads, now }: StepContext,
  { account, amr, provedAt, authenticatedAt }: HalfLogin,
): Promise<void> {
  const digest = payloads.digest(open.interaction.uid)
  const kept: Kept = {
    ...{ accountId: account.id, amr, provedAt, authenticatedAt },
    passwordChangedAt: account.passwordChangedAt,
  }
  await artefacts.put({
    ...{ kind, digest, grant: null, uid: null, userCode: null },
    payload: payloads.seal(kind, digest, kept),
    expiresAt: now() + lifetimeMs,
    account: digestSecret(account.id),
  })
}

/** Null where there is none that still holds. */
export async function findHalfLogin(context: StepContext): Promise<HalfLogin | null> {
  const { open, artefactLookup, accounts, payloads, now } = context
  const artefact = await artefactLookup.find(kind, payloads.digest(open.interaction.uid))
  if (artefact === null || (artefact.expiresAt ?? 0) <= now()) return null
  const { accountId, amr, provedAt, authenticatedAt, passwordChangedAt } = (await payloads.open(artefact)) as Kept
  const account = await accounts.find(accountId)
  // Also where it was kept at the moment in which the password was changed.
  if (account === null || account.disabledAt !== null || account.passwordChangedAt !== passwordChangedAt) return null
  return { account, amr, provedAt, authenticatedAt }
}

export async function endHalfLogin({ open, artefacts, payloads }: StepContext): Promise<void> {
  await artefacts.remove(kind, payloads.digest(open.interaction.uid))
}
