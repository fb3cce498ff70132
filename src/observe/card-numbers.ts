const gap = '(?:[ .+-]|%20)?'
/** Written in one piece or in the groups that cards show; a fraction's digits are none. */
const candidate = new RegExp(
  String.raw`(?<!\d|\d\.)(?:\d{4}${gap}\d{4}${gap}\d{4}${gap}\d{1,7}|\d{4}${gap}\d{6}${gap}\d{4,5})(?!\d)`,
  'g',
)
/** The lengths and beginnings that card schemes give out, so that most ids and times are not even looked at. */
const issued =
  /^(?:4(?:\d{12}|\d{15}|\d{18})|(?:5[1-5]|2[2-7])\d{14}|3[47]\d{13}|3[05689]\d{12,17}|(?:50|5[6-9]|6)\d{11,17})$/

/** Replaces card numbers; order numbers and times in milliseconds stay readable. */
export function replaceCardNumbers(text: string, replacement: string): string {
  let clean = ''
  let taken = 0
  candidate.lastIndex = 0
  for (let found = candidate.exec(text); found !== null; found = candidate.exec(text)) {
    if (isCardNumber(found[0].replace(/%20|\D/g, ''))) {
      clean += text.slice(taken, found.index) + replacement
      taken = candidate.lastIndex
    } else {
      // A number may stand behind another one: "order 1234 4111 1111 1111 1111".
      candidate.lastIndex = found.index + 4
    }
  }
  return taken === 0 ? text : clean + text.slice(taken)
}

/** Luhn's check. */
function isCardNumber(digits: string): boolean {
  if (!issued.test(digits)) return false
  let sum = 0
  for (let i = 0; i < digits.length; i++) {
    let digit = digits.charCodeAt(digits.length - 1 - i) - 48
    if (i % 2 === 1) digit = digit > 4 ? digit * 2 - 9 : digit * 2
    sum += digit
  }
  return sum % 10 === 0
}
