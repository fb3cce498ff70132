/** What a body is, to a policy that decides by it. */
export type JsonBody = { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly problem: string }

const maxDepth = 64
const jsonType = /^application\/(?:[a-z0-9!#$&^_.+-]{1,100}\+)?json$/

/** Whether a `Content-Type` says JSON, and in no other encoding than UTF-8 (RFC 8259 section 8.1). */
export function isJsonType(contentType: string | undefined): boolean {
  if (contentType === undefined) return false
  const [type = '', ...parameters] = contentType.toLowerCase().split(';')
  const isUtf8 = parameters.every((one) => {
    const [name = '', value = ''] = one.split('=')
    return name.trim() !== 'charset' || value.trim().replaceAll('"', '') === 'utf-8'
  })
  return isUtf8 && jsonType.test(type.trim())
}

/**
 * Reads a body that a decision depends on, strictly: two programs may read a repeated member, broken UTF-8 or a byte
 * order mark differently (RFC 8259 sections 4 and 8), so such a body is not understood. Time is linear in its length.
 */
export function parseJsonBody(bytes: Uint8Array): JsonBody {
  let text: string
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    return { ok: false, problem: 'the body is not UTF-8' }
  }
  const { depth, members } = scan(text)
  if (depth > maxDepth) return { ok: false, problem: `the body is nested deeper than ${maxDepth} levels` }
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return { ok: false, problem: 'the body is not JSON' }
  }
  if (members !== countKept(value)) return { ok: false, problem: 'the body repeats a member' }
  return { ok: true, value }
}

/** In valid JSON, every colon outside of strings belongs to one member. */
function scan(text: string): { readonly depth: number; readonly members: number } {
  let members = 0
  let open = 0
  let depth = 0
  let inString = false
  for (let i = 0; i < text.length; i++) {
    const char = text.charCodeAt(i)
    if (char === 0x22) inString = !inString
    else if (char === 0x5c) i++
    else if (inString) continue
    else if (char === 0x3a) members++
    else if (char === 0x7b || char === 0x5b) depth = Math.max(depth, ++open)
    else if (char === 0x7d || char === 0x5d) open--
  }
  return { depth, members }
}

function countKept(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0
  const values = Object.values(value)
  let members = Array.isArray(value) ? 0 : values.length
  for (const each of values) members += countKept(each)
  return members
}

/**
 * How a program names a member that looks for it whatever its case, as Go's `encoding/json` does: by way of the upper
 * case, so that `ſ` is `s` and the Kelvin sign is `k`.
 */
export function foldMember(name: string): string {
  return name.toUpperCase().toLowerCase()
}

/** Whether an object in it, at any depth, has two members that differ in case alone. */
export function holdsLookAlikes(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false
  if (!Array.isArray(value)) {
    const names = Object.keys(value)
    if (new Set(names.map(foldMember)).size !== names.length) return true
  }
  return Object.values(value).some(holdsLookAlikes)
}
