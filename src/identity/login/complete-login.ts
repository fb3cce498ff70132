import type { Reply } from '../../core/decision.ts'
import { toLoginSeconds } from '../artefacts/standing.ts'
import type { StepContext } from './steps.ts'

/**
 * A person has proved who they are, by whichever means: every login comes through here.
 * @param amr what it was proved with (RFC 8176)
 */
export async function completeLogin(
  { open, accounts, now }: StepContext,
  accountId: string,
  amr: readonly string[],
): Promise<Reply> {
  const at = now()
  const account = await accounts.find(accountId)
  return open.finish({ login: { accountId, amr: [...amr], ts: toLoginSeconds(at, account?.signedOutAt ?? null) } })
}
