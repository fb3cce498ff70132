const controls = /[\p{Cc}\p{Bidi_Control}\u2028\u2029\ufeff\\]/gu
const short: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t', '\\': '\\\\' }

/**
 * A text for one line of a log: line ends, terminal escapes and changes of direction are written out, so that a text cannot
 * begin a line of its own or repaint the screen of who reads it. Secrets in it stay: leave them out before.
 * @param maxLength in UTF-16 units of the text; what is cut is counted behind `…`
 */
export function encodeLogText(text: string, maxLength = 1000): string {
  const kept = text.slice(0, maxLength).toWellFormed()
  const line = kept.replace(
    controls,
    (character) => short[character] ?? `\\u{${character.codePointAt(0)?.toString(16)}}`,
  )
  return text.length > maxLength ? `${line}… (${text.length - maxLength} more)` : line
}
