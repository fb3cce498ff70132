/** Text of somebody else's must not move the cursor of whoever reads it. */
export function toPrintable(text: string): string {
  return text.replace(/\p{C}/gu, '?')
}
