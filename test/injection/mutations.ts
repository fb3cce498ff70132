import type { InjectionClass } from '../../src/injection/finding.ts'

/** Writes an attack otherwise, so that the program behind still reads the same. */
export type Mutation = (text: string) => string

const isPlain = (character: string) => /[A-Za-z0-9]/.test(character)
const each = (text: string, change: (character: string, at: number) => string) => [...text].map(change).join('')
const hex = (character: string, digits: number) => (character.codePointAt(0) ?? 0).toString(16).padStart(digits, '0')

const same: Mutation = (text) => text
const upper: Mutation = (text) => text.toUpperCase()
const alternating: Mutation = (text) => each(text, (one, at) => (at % 2 === 0 ? one.toUpperCase() : one.toLowerCase()))
/** Encoded once more than the server undoes: what it gets holds escapes. */
const percent: Mutation = (text) =>
  each(text, (one) => (isPlain(one) ? one : encodeURIComponent(one).replace(/^[^%]$/, toPercent)))
const allPercent: Mutation = (text) => each(text, (one) => (one < '\u0080' ? toPercent(one) : encodeURIComponent(one)))
const doublePercent: Mutation = (text) => percent(text).replaceAll('%', '%25')
const unicodePercent: Mutation = (text) => each(text, (one) => (isPlain(one) ? one : `%u${hex(one, 4)}`))
const backslashUnicode: Mutation = (text) => each(text, (one) => (isPlain(one) ? one : `\\u${hex(one, 4)}`))
const entities: Mutation = (text) =>
  each(text, (one) => (isPlain(one) || one === ' ' ? one : `&#${one.codePointAt(0)};`))
const hexEntities: Mutation = (text) => each(text, (one) => (isPlain(one) || one === ' ' ? one : `&#x${hex(one, 2)};`))
const fullWidth: Mutation = (text) =>
  each(text, (one) => (one > ' ' && one < '\u007f' ? String.fromCharCode(one.charCodeAt(0) + 0xfee0) : one))
const overlong: Mutation = (text) => each(text, (one) => ('\'"/.\\<>('.includes(one) ? toOverlong(one) : one))
const comments: Mutation = (text) => text.replaceAll(' ', '/**/')
const namedComments: Mutation = (text) => text.replaceAll(' ', '/* x */ ')
const tabs: Mutation = (text) => text.replaceAll(' ', '\t')
const lineEnds: Mutation = (text) => text.replaceAll(' ', '\n')
const wide: Mutation = (text) => text.replaceAll(' ', '   ')
const led: Mutation = (text) => `  ${text}`
const trailed: Mutation = (text) => `${text} `
const invisible: Mutation = (text) => each(text, (one, at) => (at % 3 === 1 ? `${one}\u200b` : one))

function toPercent(character: string): string {
  return `%${hex(character, 2)}`
}

function toOverlong(character: string): string {
  const code = character.charCodeAt(0)
  return `%${(0xc0 | (code >> 6)).toString(16)}%${(0x80 | (code & 0x3f)).toString(16)}`
}

const encodings = [percent, allPercent, doublePercent, unicodePercent, backslashUnicode, fullWidth]

/** What leaves an attack of a class what it is. */
export const mutations: Readonly<Record<InjectionClass, readonly Mutation[]>> = {
  sql: [
    same,
    upper,
    alternating,
    comments,
    namedComments,
    tabs,
    lineEnds,
    wide,
    entities,
    hexEntities,
    overlong,
    ...encodings,
  ],
  xss: [same, upper, alternating, led, lineEnds, overlong, entities, ...encodings],
  shell: [same, tabs, wide, led, trailed, overlong, ...encodings],
  path: [same, alternating, overlong, ...encodings],
  template: [same, wide, led, trailed, ...encodings],
  nosql: [same, trailed, percent, allPercent, doublePercent, unicodePercent, fullWidth],
  ldap: [same, upper, alternating, trailed, ...encodings],
  xpath: [same, tabs, lineEnds, wide, entities, overlong, ...encodings],
  header: [same, upper, alternating, trailed, ...encodings],
  log: [same, upper, trailed, invisible, ...encodings],
  mail: [same, upper, alternating, trailed, ...encodings],
  ssrf: [same, led, trailed, (text) => `${text}?x=1`.replace(/#.*\?/, '?')],
  object: [same, trailed, percent, allPercent, doublePercent, unicodePercent, backslashUnicode],
  xml: [same, led, trailed, tabs, lineEnds, ...encodings],
}
