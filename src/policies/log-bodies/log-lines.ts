import type { PolicyLog } from '../../core/telemetry.ts'
import type { ReadableBody } from './readable-body.ts'

/** With what stands beside it, a line of this much text stays below the 4096 bytes that the log allows it. */
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

/** Cuts a text into parts that take so many bytes at most as JSON in ASCII, as the log writes it, never within a character. */
export function splitText(text: string, maxBytes: number): string[] {
  const parts: string[] = []
  let start = 0
  let bytes = 0
  let at = 0
  for (const character of text) {
    const cost = costOf(character)
    if (bytes + cost > maxBytes) {
      parts.push(text.slice(start, at))
      start = at
      bytes = 0
    }
    bytes += cost
    at += character.length
  }
  parts.push(text.slice(start))
  return parts
}

function costOf(character: string): number {
  const code = character.charCodeAt(0)
  if (code === 0x22 || code === 0x5c) return 2
  return code < 0x20 || code > 0x7e ? 6 * character.length : 1
}
