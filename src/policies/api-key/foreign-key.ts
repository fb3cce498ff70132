import { apiKeyPrefix } from '../../crypto/api-key.ts'
import type { ForeignKeys } from './options.ts'

const maxLength = 256

/** Whether a text may be a key of another system, so that it is worth one look-up. */
export function isForeign(text: string, foreign: ForeignKeys | undefined): boolean {
  if (foreign === undefined || text.length < foreign.minLength || text.length > maxLength) return false
  // One of ours that is cut off or mistyped is not looked up.
  if (text.startsWith(apiKeyPrefix) || !/^[!-~]+$/.test(text)) return false
  return foreign.prefixes.length === 0 || beginsForeign(text, foreign)
}

/** Whether a text begins like the key of another system: what tells it from tokens of other policies. */
export function beginsForeign(text: string, foreign: ForeignKeys | undefined): boolean {
  return foreign?.prefixes.some((prefix) => text.startsWith(prefix)) ?? false
}
