/** What no HTML can hold: NUL, and halves of pairs. */
function toHtmlText(text: string): string {
  return text.toWellFormed().replaceAll('\0', '\ufffd')
}

/**
 * A text for the content of an element: `<p>${encodeHtml(text)}</p>`. Not for the content of `script` and `style`, nor for
 * attributes without quotes. NUL becomes U+FFFD.
 * @example
 * encodeHtml('<b>') // '&lt;b&gt;'
 */
export function encodeHtml(text: string): string {
  return toHtmlText(text)
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;')
    .replaceAll('\r', '&#13;')
}

/**
 * A text for the value of an attribute, with quotes around it: `title="${encodeHtmlAttribute(text)}"`. Everything but letters
 * and digits is encoded, so that nothing gets out of the value even where the quotes were forgotten. It makes nothing safe that
 * is code: no `on…`, no `style`, and no `href` or `src`, whose scheme `toSafeUrl` checks first.
 */
export function encodeHtmlAttribute(text: string): string {
  return toHtmlText(text).replace(/(?![A-Za-z0-9\x7f])\p{ASCII}/gu, (character) => `&#${character.charCodeAt(0)};`)
}
