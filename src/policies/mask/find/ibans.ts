import { toMod97 } from './check-digits.ts'
import type { Find } from './span.ts'

/** How long the numbers of each country are (the registry of ISO 13616). */
const lengths: ReadonlyMap<string, number> = new Map(
  (
    'AD24 AE23 AL28 AT20 AZ28 BA20 BE16 BG22 BH22 BI27 BR29 BY28 CH21 CR22 CY28 CZ24 DE22 DJ27 DK18 DO28 EE20 EG29 ' +
    'ES24 FI18 FK18 FO18 FR27 GB22 GE22 GI23 GL18 GR27 GT28 HN28 HR21 HU28 IE22 IL23 IQ23 IS26 IT27 JO30 KW30 KZ20 ' +
    'LB28 LC32 LI21 LT20 LU20 LV21 LY25 MC27 MD24 ME22 MK19 MN20 MR27 MT31 MU30 NI28 NL18 NO15 OM23 PK24 PL28 PS29 ' +
    'PT25 QA29 RO24 RS22 RU33 SA24 SC31 SD18 SE24 SI19 SK24 SM27 SO23 ST25 SV28 TL23 TN24 TR26 UA29 VA22 VG24 XK20 YE30'
  )
    .split(' ')
    .map((entry) => [entry.slice(0, 2), Number(entry.slice(2))]),
)
/** Not within a UUID, whose groups look like those of a number. */
const start = /(?<![A-Za-z0-9]|[A-Fa-f0-9]-)(?:[A-Z]{2}|[a-z]{2})\d{2}/g

/** Account numbers, in one piece or in groups, whose check digits are right (ISO 7064 MOD 97-10). */
export const findIbans: Find = (text, spans) => {
  start.lastIndex = 0
  for (let found = start.exec(text); found !== null; found = start.exec(text)) {
    const length = lengths.get(found[0].slice(0, 2).toUpperCase())
    if (length === undefined) continue
    const read = readNumber(text, found.index, length)
    if (read === null || toMod97(read.number.slice(4) + read.number.slice(0, 4)) !== 1) continue
    spans.push({ start: found.index, end: read.end })
    start.lastIndex = read.end
  }
}

/** So many letters and digits, with one space or dash between groups of four. */
function readNumber(
  text: string,
  from: number,
  length: number,
): { readonly number: string; readonly end: number } | null {
  let number = ''
  let at = from
  for (; number.length < length; at++) {
    const code = text.charCodeAt(at)
    if (isAlphanumeric(code)) number += text[at]
    else if (number.length % 4 !== 0 || !isSeparator(code) || !isAlphanumeric(text.charCodeAt(at + 1))) return null
  }
  return isAlphanumeric(text.charCodeAt(at)) ? null : { number, end: at }
}

function isAlphanumeric(code: number): boolean {
  return (code >= 0x30 && code <= 0x39) || ((code | 0x20) >= 0x61 && (code | 0x20) <= 0x7a)
}

function isSeparator(code: number): boolean {
  return code === 0x20 || code === 0x2d || code === 0xa0
}
