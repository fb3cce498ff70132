import type { PolicyLog } from '../../core/telemetry.ts'
import type { ReadableBody } from './readable-body.ts'

/** With what stands beside it, a line of this much text stays below the 4096 bytes that a pipe takes at once. */
const maxTextBytes = 3400

/** What a line says beside the text. */
export interface BodyFacts {
  readonly requestId: string
  readonly of: 'request' | 'response'
  readonly mediaType: string
  readonly bytes: number
}

/** Writes a body as one line, or as several that each can be taken at once. */
export function writeBody(log: PolicyLog, facts: BodyFacts, { text, note, isCut }: ReadableBody): void {
  const said = { ...facts, ...(isCut && { cut: true }), ...(note !== null && { note }) }
  if (text === null) {
    log.info('body', said)
    return
  }
  const parts = splitText(text, maxTextBytes)
  for (const [at, part] of parts.entries()) {
    log.info('body', { ...said, part: at + 1, parts: parts.length, text: part })
  }
}

/** Cuts a text into parts that take so many bytes at most as JSON in UTF-8, never within a character. */
export function splitText(text: string, maxBytes: number): string[] {
  const safe = text.replace(misleading, '\ufffd')
  const parts: string[] = []
  let start = 0
  let bytes = 0
  let at = 0
  for (const character of safe) {
    const cost = costOf(character)
    if (bytes + cost > maxBytes) {
      parts.push(safe.slice(start, at))
      start = at
      bytes = 0
    }
    bytes += cost
    at += character.length
  }
  parts.push(safe.slice(start))
  return parts
}

/** Control characters above ASCII, and those that turn or break lines: JSON leaves them as they are, terminals do not. */
const misleading = /[\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g

function costOf(character: string): number {
  const code = character.codePointAt(0) as number
  if (code < 0x20) return 6
  if (code === 0x22 || code === 0x5c) return 2
  if (code < 0x80) return 1
  if (code < 0x800) return 2
  // Half a pair, which JSON escapes.
  if (code >= 0xd800 && code <= 0xdfff) return 6
  return code < 0x10000 ? 3 : 4
}
