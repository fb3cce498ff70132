import { passesLuhn } from './check-digits.ts'
import { defineForm } from './forms.ts'
import { digitsOf, gap } from './span.ts'

/** Behind the first digit: in one piece, or in the groups that cards show, with one separator throughout. */
const form = [
  String.raw`\d{13,18}`,
  String.raw`\d{3}(?<a>${gap})\d{4}\k<a>\d{4}\k<a>\d{4}(?:\k<a>\d{1,3})?`,
  String.raw`\d{3}(?<b>${gap})\d{6}\k<b>\d{4,5}`,
  String.raw`\d{5}(?<c>${gap})\d{10,13}`,
].join('|')

/**
 * The beginnings and lengths that schemes give out. Visa's old 13 digits are left out: German article numbers (EAN)
 * look like them.
 */
const issued = new RegExp(
  `^(?:${[
    String.raw`4(?:\d{15}|\d{18})`, // Visa
    String.raw`(?:5[1-5]\d{2}|222[1-9]|22[3-9]\d|2[3-6]\d{2}|27[01]\d|2720)\d{12}`, // Mastercard
    String.raw`3[47]\d{13}`, // American Express
    String.raw`(?:30[0-5]|36\d|38\d|39\d)\d{11,16}`, // Diners Club
    String.raw`(?:6011|64[4-9]\d|65\d{2})\d{12,15}`, // Discover
    String.raw`35(?:2[89]|[3-8]\d)\d{12,15}`, // JCB
    String.raw`(?:62|81)\d{14,17}`, // UnionPay
    String.raw`(?:5018|5020|5038|5893|6304|6759|676[1-3])\d{12,15}`, // Maestro
    String.raw`220[0-4]\d{12,15}`, // Mir
    String.raw`(?:60[0-9]{2}|508[5-9]|82\d{2})\d{12}`, // RuPay
    String.raw`(?:5041|506[01]|5067|509\d|6277|6362)\d{12}`, // Elo, Verve
    String.raw`9792\d{12}`, // Troy
  ].join('|')})$`,
)

const begins = ['4-', '6-', '14', '15', '16', '17', '18', '19'] as const

export const cardNumber = defineForm(begins, `\\d(?:${form})`, (text) => {
  const digits = digitsOf(text.replaceAll('\xc2', ''))
  return issued.test(digits) && passesLuhn(digits)
})
