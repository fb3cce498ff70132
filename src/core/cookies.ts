import type { Fields } from './fields.ts'

/*
 * Cookies as they come in a request (RFC 6265 section 5.4): `name=value` pairs. Names are compared octet by octet, as
 * browsers that sent them do. Of two cookies of one name nobody can say which one was set by whom, so all are told.
 */

/** The values of the cookies of one name, in order; null where there is none. The field stays as it is. */
export function readCookie(headers: Fields, name: string): readonly string[] | null {
  const values = headers.all('cookie').flatMap((text) => split(text, name).values)
  return values.length === 0 ? null : values
}

/** The same, and takes them out: the upstream gets the others as they came. */
export function takeCookie(headers: Fields, name: string): readonly string[] | null {
  const { flat } = headers
  let taken: string[] | null = null
  for (let i = flat.length - 2; i >= 0; i -= 2) {
    // Most requests of programs have no cookies, and most of browsers not this one.
    if (flat[i] !== 'cookie' || !(flat[i + 1] as string).includes(name)) continue
    const { values, rest } = split(flat[i + 1] as string, name)
    if (values.length === 0) continue
    taken = taken === null ? values : [...values, ...taken]
    if (rest === '') flat.splice(i, 2)
    else flat[i + 1] = rest
  }
  return taken
}

function split(text: string, name: string): { values: string[]; rest: string } {
  const values: string[] = []
  const rest: string[] = []
  for (const pair of text.split(';')) {
    const trimmed = pair.trim()
    const equals = trimmed.indexOf('=')
    // Servers differ in whether blanks before `=` belong to the name, so neither reading is handed on.
    if (equals !== -1 && trimmed.slice(0, equals).trimEnd() === name) values.push(trimmed.slice(equals + 1))
    else if (trimmed !== '') rest.push(trimmed)
  }
  return { values, rest: rest.join('; ') }
}
