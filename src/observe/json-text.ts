/** A JSON string of nothing but printable ASCII; most texts need no escapes. */
export function quote(text: string): string {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (code < 0x20 || code === 0x22 || code === 0x5c || code > 0x7e) return toAscii(JSON.stringify(text))
  }
  return `"${text}"`
}

/**
 * The same JSON in ASCII: whoever reads the log in a terminal must not have it steered by a caller (C1 controls, text
 * that runs from right to left), and every character counts one byte.
 */
export function toAscii(json: string): string {
  return json.replace(/[\x7f-\uffff]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`)
}
