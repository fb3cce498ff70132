import { isUtf8 } from 'node:buffer'
import { CLOSE, type Frame, OPCODE } from './frames.ts'

const MAX_FRAGMENTS = 1024

export type MessageResult =
  | { kind: 'message'; message: string | Buffer }
  | { kind: 'incomplete' }
  | { kind: 'invalid'; closeCode: number }

/** Joins data frames to messages: one first frame and then continuations only (RFC 6455, 5.4). */
export function createMessageReader(maxBytes: number): (frame: Frame) => MessageResult {
  let opcode: number | undefined
  let parts: Buffer[] = []
  let bytes = 0

  return (frame) => {
    const continues = frame.opcode === OPCODE.continuation
    if (continues !== (opcode !== undefined)) return { kind: 'invalid', closeCode: CLOSE.protocolError }
    opcode ??= frame.opcode
    parts.push(frame.payload)
    bytes += frame.payload.length
    if (bytes > maxBytes || parts.length > MAX_FRAGMENTS) return { kind: 'invalid', closeCode: CLOSE.tooBig }
    if (!frame.final) return { kind: 'incomplete' }

    const whole = Buffer.concat(parts)
    const isText = opcode === OPCODE.text
    opcode = undefined
    parts = []
    bytes = 0
    if (!isText) return { kind: 'message', message: whole }
    if (!isUtf8(whole)) return { kind: 'invalid', closeCode: CLOSE.notUtf8 }
    return { kind: 'message', message: whole.toString('utf8') }
  }
}
