/**
 * A text for a string of JavaScript, in whichever quotes: `const name = "${encodeJsString(text)}"`. Also within `<script>`, and
 * within an attribute with quotes: what HTML reads is encoded too. Better still, put data into an attribute or a
 * `<script type="application/json">`, and no data into code at all.
 */
export function encodeJsString(text: string): string {
  return text.replace(/[^A-Za-z0-9 ,._\u00a1-\u1fff\u2070-\ud7ff\ue000-\ufeff]/g, toUnit)
}

function toUnit(character: string): string {
  const code = character.charCodeAt(0).toString(16)
  return code.length <= 2 ? `\\x${code.padStart(2, '0')}` : `\\u${code.padStart(4, '0')}`
}

/**
 * A text for a string of CSS, with quotes around it: `content: "${encodeCssString(text)}"`. Also within `<style>`. Not for
 * names of properties, colours or the inside of `url()`. NUL becomes U+FFFD, as CSS has it.
 */
export function encodeCssString(text: string): string {
  // A space behind an escape would belong to it, so spaces are encoded too.
  return text
    .toWellFormed()
    .replaceAll('\0', '\ufffd')
    .replace(/[^A-Za-z0-9\u00a1-\uffff]/g, (character) => `\\${character.charCodeAt(0).toString(16).padStart(6, '0')}`)
}
