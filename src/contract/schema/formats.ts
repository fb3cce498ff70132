import { isIPv4, isIPv6 } from 'node:net'
import type { FormatDefinition } from 'ajv'
import { fullFormats } from 'ajv-formats/dist/formats.js'

type TextFormat = (text: string) => boolean
type Format = TextFormat | FormatDefinition<number>

const days = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
const dateForm = /^(\d{4})-(\d{2})-(\d{2})$/
const timeForm = /^(\d{2}):(\d{2}):(\d{2})(?:\.\d{1,9})?(?:[Zz]|([+-])(\d{2}):(\d{2}))$/
const emailForm = /^[a-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[a-z0-9!#$%&'*+/=?^_`{|}~-]+)*@/i
const labelForm = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/i
const uuidForm = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i
const base64Form = /^[A-Za-z0-9+/]*={0,2}$/
const base64UrlForm = /^[A-Za-z0-9_-]*$/
const webAddress = /^(?:https?|ftp):\/\//i

/**
 * Every `format` that is known, and asserted. Those of JSON Schema 2020-12 without the international ones (`idn-…`,
 * `iri…`), and those of OpenAPI. Each takes time that is linear in the text, which most of them bound as well.
 */
export const formats: Readonly<Record<string, Format>> = {
  date: (text) => text.length === 10 && isDate(text),
  time: (text) => text.length <= 32 && isTime(text),
  'date-time': (text) =>
    text.length <= 48 && /^[Tt]$/.test(text[10] ?? '') && isDate(text.slice(0, 10)) && isTime(text.slice(11)),
  duration: bounded(128, fullFormats.duration as RegExp),
  email: isEmail,
  hostname: isHostName,
  ipv4: isIPv4,
  // A zone is no part of an address that is sent to others.
  ipv6: (text) => text.length <= 45 && isIPv6(text) && !text.includes('%'),
  uri: fullFormats.uri as TextFormat,
  'uri-reference': bounded(65_536, fullFormats['uri-reference'] as RegExp),
  'uri-template': bounded(65_536, fullFormats['uri-template'] as RegExp),
  url: (text) => webAddress.test(text) && !/\s/.test(text) && URL.canParse(text),
  uuid: (text) => text.length === 36 && uuidForm.test(text),
  'json-pointer': bounded(65_536, fullFormats['json-pointer'] as RegExp),
  'relative-json-pointer': bounded(65_536, fullFormats['relative-json-pointer'] as RegExp),
  regex: isRegularExpression,
  byte: isBase64,
  base64url: (text) => base64UrlForm.test(text) && text.length % 4 !== 1,
  binary: () => true,
  password: () => true,
  ...integers(
    'int',
    [8, 16, 32],
    (bits) => -(2 ** (bits - 1)),
    (bits) => 2 ** (bits - 1) - 1,
  ),
  ...integers(
    'uint',
    [8, 16, 32],
    () => 0,
    (bits) => 2 ** bits - 1,
  ),
  // Numbers near the ends of 64 bits are rounded when JSON is read; what may be outside is not inside.
  int64: whole((value) => value >= -(2 ** 63) && value < 2 ** 63),
  uint64: whole((value) => value >= 0 && value < 2 ** 64),
  float: { type: 'number', validate: (value) => Math.abs(value) <= 3.402_823_466_385_288_6e38 },
  double: { type: 'number', validate: Number.isFinite },
}

const wholeForm = /^(?:0|-?[1-9]\d{0,19})$/
const decimalForm = /^-?(?:0|[1-9]\d{0,39})(?:\.\d{1,40})?(?:[eE][+-]?\d{1,3})?$/

/** The formats of numbers where they are written as texts, as those who have 64 bits in JSON do. */
export const textFormats: Readonly<Record<string, TextFormat>> = Object.fromEntries(
  Object.keys(formats)
    .filter((name) => typeof formats[name] === 'object')
    .map((name): [string, TextFormat] => [`text-${name}`, isNumberText(name)]),
)

function isNumberText(name: string): TextFormat {
  const [, sign, bits] = /^(u?)int(\d+)$/.exec(name) ?? []
  if (bits === undefined) return (text) => decimalForm.test(text)
  const [least, most] = sign === 'u' ? [0n, 2n ** BigInt(bits)] : [-(2n ** BigInt(+bits - 1)), 2n ** BigInt(+bits - 1)]
  return (text) => wholeForm.test(text) && BigInt(text) >= least && BigInt(text) < most
}

export function isBase64(text: string): boolean {
  return text.length % 4 === 0 && base64Form.test(text)
}

function isDate(text: string): boolean {
  const match = dateForm.exec(text)
  if (match === null) return false
  const [year, month, day] = [Number(match[1]), Number(match[2]), Number(match[3])]
  const isLeap = (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0
  return day >= 1 && day <= (days[month - 1] ?? 0) && (month !== 2 || day < 29 || isLeap)
}

/** RFC 3339 section 5.6; a leap second is the last of a day in UTC. */
function isTime(text: string): boolean {
  const match = timeForm.exec(text)
  if (match === null) return false
  const [hour, minute, second] = [Number(match[1]), Number(match[2]), Number(match[3])]
  const [zoneHour, zoneMinute] = [Number(match[5] ?? 0), Number(match[6] ?? 0)]
  if (hour > 23 || minute > 59 || zoneHour > 23 || zoneMinute > 59) return false
  if (second < 60) return true
  const offset = (zoneHour * 60 + zoneMinute) * (match[4] === '-' ? -1 : 1)
  return second === 60 && (hour * 60 + minute - offset + 2880) % 1440 === 1439
}

/** RFC 5321 section 4.1.2 without quoted names and address literals, and with its lengths. */
function isEmail(text: string): boolean {
  const at = text.lastIndexOf('@')
  if (text.length > 254 || at < 1 || at > 64 || !emailForm.test(text.slice(0, at + 1))) return false
  const host = text.slice(at + 1)
  return host.includes('.') && !host.endsWith('.') && isHostName(host)
}

/** RFC 1123 section 2.1. */
function isHostName(text: string): boolean {
  const name = text.endsWith('.') ? text.slice(0, -1) : text
  return name.length > 0 && name.length <= 253 && name.split('.').every((label) => labelForm.test(label))
}

function isRegularExpression(text: string): boolean {
  if (text.length > 4096) return false
  try {
    new RegExp(text, 'u')
    return true
  } catch {
    return false
  }
}

function bounded(maxLength: number, form: RegExp): TextFormat {
  return (text) => text.length <= maxLength && form.test(text)
}

function whole(isInside: (value: number) => boolean): FormatDefinition<number> {
  return { type: 'number', validate: (value) => Number.isInteger(value) && isInside(value) }
}

function integers(
  name: string,
  sizes: readonly number[],
  least: (bits: number) => number,
  most: (bits: number) => number,
): Record<string, Format> {
  return Object.fromEntries(
    sizes.map((bits) => [`${name}${bits}`, whole((value) => value >= least(bits) && value <= most(bits))]),
  )
}
