const maxLength = 200

/**
 * The one form of a user name in which accounts are stored and looked up: compatibility forms are folded (NFKC), and
 * so is the case, so that `Ann`, `ANN` and `ａｎｎ` are one account and nobody can register a look-alike of another
 * (RFC 8265 section 3.3 does the same for names that ignore case). Null for what is no name: empty, longer than 200
 * characters, with white space at its ends or characters that cannot be seen.
 */
export function toUsername(text: string): string | null {
  if (text.length === 0 || text.length > maxLength) return null
  const name = fold(text)
  if (name.length > maxLength || name !== name.trim() || name === '' || /\p{C}/u.test(name)) return null
  return name
}

/** By way of the upper case: `ß`, `ẞ` and `SS`, `ς` and `σ` become one only so. Folding may compose anew. */
function fold(text: string): string {
  return text.normalize('NFKC').toLowerCase().toUpperCase().toLowerCase().normalize('NFKC')
}
