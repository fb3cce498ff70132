import type { FieldPairs } from '../../core/decision.ts'
import type { MintedBy, PolicyDeps } from '../../core/policy.ts'
import { createCsrfToken } from '../../crypto/csrf-token.ts'
import { dataFolderPort } from '../../stores/ports/data-folder.ts'
import { isSessionPolicy } from '../session-policies.ts'
import type { CsrfOptions } from './options.ts'
import { toSessionBinding } from './token-desk.ts'
import { readTokenKey } from './token-key.ts'

/** The token that a page of ours would have asked for, where one has to come with everything that it sends. */
export async function accompany(
  { token, tokenHeader }: CsrfOptions,
  { policy, id }: MintedBy,
  { provide, now }: PolicyDeps,
): Promise<FieldPairs> {
  if (token !== 'require' || id === null || !isSessionPolicy(policy)) return []
  // The key of proofs lies beside it: without that folder nothing is sent that would need a token.
  const key = await readTokenKey(provide(dataFolderPort).path).catch(() => null)
  if (key === null) return []
  return [[tokenHeader, createCsrfToken(key, toSessionBinding(id), now())]]
}
