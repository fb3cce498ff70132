import { isDay, passesLuhn, passesMod11And10, passesVerhoeff, toMod97, weigh } from './check-digits.ts'
import { type Beginning, defineForm, type Form } from './forms.ts'
import { digitsOf } from './span.ts'

/** The check gets letters and digits, in capitals. */
function id(begins: readonly Beginning[], source: string, check: (text: string) => boolean = () => true): Form {
  return defineForm(begins, source, (text) => check(text.replace(/[^A-Za-z0-9+]/g, '').toUpperCase()))
}

const number = (text: string, from: number, to?: number) => Number(text.slice(from, to))
const isRepeated = (digits: string) => /^(\d)\1*$/.test(digits)

/** Social Security: no area 000, 666 or 9xx, no group 00, no serial 0000; only as it is written on the card. */
export const usSsn = id(['3-'], String.raw`(?!000|666|9)\d{3}(?<s>[ -])(?!00)\d{2}\k<s>(?!0000)\d{4}`)

export const caSin = id(['3-'], String.raw`[1-79]\d{2}(?<s>[ -])\d{3}\k<s>\d{3}`, passesLuhn)

export const brCpf = id(['3-', '11'], String.raw`\d{3}\.\d{3}\.\d{3}-\d{2}|\d{11}`, (digits) => {
  if (isRepeated(digits)) return false
  const first = (weigh(digits, [10, 9, 8, 7, 6, 5, 4, 3, 2]) * 10) % 11
  const second = (weigh(digits, [11, 10, 9, 8, 7, 6, 5, 4, 3, 2]) * 10) % 11
  return first % 10 === number(digits, 9, 10) && second % 10 === number(digits, 10)
})

/** National Insurance, without the prefixes that are never given. */
export const ukNino = id(
  ['x2'],
  String.raw`(?!BG|GB|KN|NK|NT|TN|ZZ)[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z](?<s> ?)\d{2}\k<s>\d{2}\k<s>\d{2}\k<s>[A-D]`,
)

/** DNI and NIE: the letter is the rest by 23. */
export const esDni = id(['x1', '8a', '8-'], '[XYZ]-?\\d{7}-?[A-Za-z]|\\d{8}-?[A-Za-z]', (text) => {
  const digits = text.slice(0, -1).replace('X', '0').replace('Y', '1').replace('Z', '2')
  return 'TRWAGMYFPDXBNJZSQVHLCKE'[Number(digits) % 23] === text.at(-1)
})

const odd = [1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23]
const digit = '[0-9LMNPQRSTUVlmnpqrstuv]'

export const itCodiceFiscale = id(
  ['w16'],
  `[A-Za-z]{6}${digit}{2}[A-EHLMPR-Ta-ehlmpr-t]${digit}{2}[A-Za-z]${digit}{3}[A-Za-z]`,
  (text) => {
    let sum = 0
    for (let at = 0; at < 15; at++) {
      const code = text.charCodeAt(at)
      const value = code < 0x3a ? code - 0x30 : code - 0x41
      sum += at % 2 === 0 ? (odd[value] as number) : value
    }
    return sum % 26 === text.charCodeAt(15) - 0x41
  },
)

export const nlBsn = id(['4-', '9'], String.raw`\d{9}|\d{4}\.\d{2}\.\d{3}`, (digits) => {
  return !isRepeated(digits) && weigh(digits, [9, 8, 7, 6, 5, 4, 3, 2, -1]) % 11 === 0
})

/** The century is in the month: 80 for the 19th, 20 for the 21st. */
export const plPesel = id(['11'], String.raw`\d{11}`, (digits) => {
  if (!isDay(number(digits, 2, 4) % 20, number(digits, 4, 6))) return false
  return (10 - (weigh(digits, [1, 3, 7, 9, 1, 3, 7, 9, 1, 3]) % 10)) % 10 === number(digits, 10)
})

export const frNir = id(
  ['1-', '6a', '15'],
  String.raw`[12](?<s> ?)\d{2}\k<s>(?:0[1-9]|1[0-2]|[2-4]\d|[5-9]\d)\k<s>(?:\d{2}|2[ABab])\k<s>\d{3}\k<s>\d{3}\k<s>\d{2}`,
  (text) => {
    const digits = text.replace('2A', '19').replace('2B', '18')
    return 97 - (number(digits, 0, 13) % 97) === number(digits, 13)
  },
)

/** Of the first ten digits, one stands twice or three times, the others once at most. */
export const deSteuerId = id(['2-', '11'], String.raw`[1-9]\d{10}|[1-9]\d \d{3} \d{3} \d{3}`, (digits) => {
  const counts = Array.from('0123456789', (one) => digits.slice(0, 10).split(one).length - 1)
  const several = counts.filter((count) => count > 1)
  return several.length === 1 && (several[0] as number) <= 3 && passesMod11And10(digits)
})

/** Personnummer and, with 60 more days, samordningsnummer. */
export const seIdentity = id(['6-', '8-'], String.raw`(?:19|20)?\d{6}[-+]\d{4}`, (text) => {
  const digits = digitsOf(text).slice(-10)
  const day = number(digits, 4, 6)
  return isDay(number(digits, 2, 4), day > 60 ? day - 60 : day) && passesLuhn(digits)
})

export const fiHetu = defineForm(['6a', '6-'], String.raw`\d{6}[-+A-FU-Y]\d{3}[0-9A-FHJ-NPR-Y]`, (text) => {
  const rest = Number(text.slice(0, 6) + text.slice(7, 10)) % 31
  return isDay(number(text, 2, 4), number(text, 0, 2)) && '0123456789ABCDEFHJKLMNPRSTUVWXY'[rest] === text[10]
})

/** Who was born from 2000 on has a 2 in front of the number, for the check alone. */
export const beNational = id(['2-', '11'], String.raw`\d{2}\.\d{2}\.\d{2}-\d{3}\.\d{2}|\d{11}`, (digits) => {
  const check = number(digits, 9)
  const base = digits.slice(0, 9)
  if (!isDay(number(digits, 2, 4) % 20, number(digits, 4, 6))) return false
  return 97 - toMod97(base) === check || 97 - toMod97(`2${base}`) === check
})

export const chAhv = id(['3-', '13'], String.raw`756\.\d{4}\.\d{4}\.\d{2}|756\d{10}`, (digits) => {
  return weigh(digits, [1, 3, 1, 3, 1, 3, 1, 3, 1, 3, 1, 3, 1]) % 10 === 0
})

export const inAadhaar = id(['4-', '12'], String.raw`[2-9]\d{3}(?<s>[ -]?)\d{4}\k<s>\d{4}(?![ -]\d)`, passesVerhoeff)
