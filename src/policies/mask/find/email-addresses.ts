import type { Find } from './span.ts'

const maxLocal = 64
const sign = /@|%40/g
/** Labels, and a top-level domain of letters, all of ASCII or none (RFC 6531): a text without spaces may follow. */
const domain =
  /(?:[\w\x80-\uffff-]{1,63}\.){1,8}(?:[A-Za-z]{2,63}(?![\w-])|(?!\xa0|\xc2\xa0|\xe2\x80)[\x80-\uffff]{2,63})/y
/** `icon@2x.png` is a file. */
const file = /\.(?:png|jpe?g|gif|webp|avif|svg|ico|css|m?js|json|html?|map|woff2?|ttf|mp[34]|pdf|zip|gz)$/i

/** By their `@`, also where it is encoded in a URL: no text is walked over more than once for each of them. */
export const findEmailAddresses: Find = (text, spans) => {
  let done = 0
  sign.lastIndex = 0
  for (let found = sign.exec(text); found !== null; found = sign.exec(text)) {
    const at = found.index
    const behind = sign.lastIndex
    domain.lastIndex = behind
    if (!domain.test(text)) continue
    const end = domain.lastIndex
    let start = at
    while (start > done && at - start < maxLocal && isLocal(text, start - 1)) start--
    while (start < at && text.charCodeAt(start) === 0x2e) start++
    if (start === at || file.test(text.slice(behind, end))) continue
    spans.push({ start, end })
    done = end
  }
}

/**
 * Letters, digits and what else addresses really have (RFC 5322 section 3.4.1), quotes left out. Letters of Latin script
 * only, in two bytes or decoded: in others, a sentence may go on without a space.
 */
function isLocal(text: string, at: number): boolean {
  const code = text.charCodeAt(at)
  if ((code >= 0x30 && code <= 0x39) || ((code | 0x20) >= 0x61 && (code | 0x20) <= 0x7a)) return true
  if (code >= 0xc0 && code < 0x250) return true
  if (code >= 0x80 && code < 0xc0) return at > 0 && text.charCodeAt(at - 1) >= 0xc3 && text.charCodeAt(at - 1) <= 0xc9
  return code === 0x2e || code === 0x2d || code === 0x5f || code === 0x2b || code === 0x25 || code === 0x27
}
