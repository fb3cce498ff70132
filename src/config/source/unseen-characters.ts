/**
 * Characters that show something else than what stands there: control characters, marks that turn the direction of
 * text around (Trojan Source, CVE-2021-42574), line separators, half characters, a byte order mark within.
 */
const unseen = /(?![\t\n\r])[\p{Cc}\p{Cs}\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff]/u

export const unseenHint = 'Remove it: what cannot be seen does not belong into a policy file.'

/** The first such character; null in nearly every text. */
export function findUnseen(text: string): { readonly offset: number; readonly message: string } | null {
  const match = unseen.exec(text)
  if (match === null) return null
  const code = (match[0].codePointAt(0) as number).toString(16).toUpperCase().padStart(4, '0')
  return { offset: match.index, message: `a character that cannot be seen (U+${code})` }
}
