import { ServerResponse } from 'node:http'
import type { Fields } from '../core/fields.ts'

type Value = number | string | readonly string[]

/** As Node keeps them: by the name in lower case, the name as it was written and the value. */
type Kept = Record<string, readonly [name: string, value: Value]>
type Keeper = Record<symbol, Kept | null>

/**
 * Where Node keeps what `setHeader` was given; null where it does so elsewhere (HTTP/2, a Node to come). With it, fields are
 * read and replaced in one go instead of one call and two checks for each; the checks of `writeHead` remain.
 */
const place =
  Object.getOwnPropertySymbols(new ServerResponse({ method: 'GET' } as never)).find(
    ({ description }) => description === 'kOutHeaders',
  ) ?? null

/** Adds what `setHeader` was given to `fields`; tells how many names there were. */
export function readSetFields(response: ServerResponse, fields: Fields): number {
  if (place === null || !(place in response)) return readOneByOne(response, fields)
  const kept = (response as unknown as Keeper)[place]
  let count = 0
  for (const name in kept) {
    append(fields, name, (kept[name] as Kept[string])[1])
    count++
  }
  return count
}

/** Forgets what `setHeader` was given and tells whether there was anything; null where that takes a call for each. */
export function takeSetFields(response: ServerResponse): boolean | null {
  if (place === null || !(place in response) || response.headersSent) return null
  const keeper = response as unknown as Keeper
  const hadAny = keeper[place] !== null && keeper[place] !== undefined
  keeper[place] = null
  return hadAny
}

/** Has `getHeader` tell what was sent, as it does where nobody stands between. Call it once the head is written. */
export function showSetFields(response: ServerResponse, { flat }: Fields): void {
  if (place === null) return
  const kept: Kept = Object.create(null)
  for (let i = 0; i < flat.length; i += 2) {
    const [name, value] = [flat[i] as string, flat[i + 1] as string]
    const before = kept[name]
    kept[name] = [name, before === undefined ? value : [before[1] as string | string[], value].flat()]
  }
  ;(response as unknown as Keeper)[place] = kept
}

export function append(fields: Fields, name: string, value: Value | undefined): void {
  if (value === undefined) return
  if (Array.isArray(value)) for (const entry of value) fields.append(name, String(entry))
  else fields.append(name, String(value))
}

function readOneByOne(response: ServerResponse, fields: Fields): number {
  const names = response.getHeaderNames()
  for (let i = 0; i < names.length; i++) append(fields, names[i] as string, response.getHeader(names[i] as string))
  return names.length
}
