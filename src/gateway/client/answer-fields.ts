import { isValue, token } from '../http1/octets.ts'

/** A field that must not be sent. */
export class InvalidAnswer extends Error {
  override readonly name = 'InvalidAnswer'
}

/** The connection's own: it writes them itself. */
const ownFields = new Set([
  'connection',
  'content-length',
  'keep-alive',
  'proxy-connection',
  'transfer-encoding',
  'upgrade',
])

const maxCached = 2048
const maxCachedLength = 64
/** Names that were checked. */
const knownNames = new Set<string>()

/**
 * Field lines as they go onto the wire, in latin1. Everything is checked, whatever was checked before: a line end that
 * got in here would be an answer of somebody else's making.
 * @throws InvalidAnswer
 */
export function toFieldLines(flat: readonly string[]): string {
  let lines = ''
  for (let i = 0; i < flat.length; i += 2) {
    const name = flat[i] as string
    const value = flat[i + 1] as string
    if (!knownNames.has(name)) checkName(name)
    if (!isValue(value)) throw new InvalidAnswer(`an invalid value of ${name}`)
    lines += `${name}: ${value}\r\n`
  }
  return lines
}

/** The last chunk and the trailers; those that cannot be sent are left out. */
export function toLastChunk(trailers: readonly string[] | null): string {
  if (trailers === null) return lastChunk
  try {
    return `0\r\n${toFieldLines(trailers)}\r\n`
  } catch {
    return lastChunk
  }
}

const lastChunk = '0\r\n\r\n'

function checkName(name: string): void {
  if (!token.test(name)) throw new InvalidAnswer(`an invalid field name: ${JSON.stringify(name.slice(0, 64))}`)
  if (ownFields.has(name.toLowerCase())) throw new InvalidAnswer(`${name} among the fields of an answer`)
  if (knownNames.size < maxCached && name.length <= maxCachedLength) knownNames.add(name)
}
