import type { Reply } from '../../core/decision.ts'
import type { StepContext } from './steps.ts'

/**
 * A person has proved who they are, by whichever means: every login comes through here.
 * @param amr what it was proved with (RFC 8176)
 */
export async function completeLogin(
  { open, federation }: StepContext,
  accountId: string,
  amr: readonly string[],
): Promise<Reply> {
  await federation?.confirm(open.interaction.uid, accountId)
  return open.finish({ login: { accountId, amr: [...amr] } })
}
