import { isUtf8 } from 'node:buffer'

/** The frames of RFC 6455, section 5: bytes in, frames out, and the other way round. */

export const OPCODE = { continuation: 0x0, text: 0x1, binary: 0x2, close: 0x8, ping: 0x9, pong: 0xa } as const

/** Close codes of RFC 6455, section 7.4.1. */
export const CLOSE = { normal: 1000, goingAway: 1001, protocolError: 1002, notUtf8: 1007, tooBig: 1009 } as const

export interface Frame {
  opcode: number
  final: boolean
  payload: Buffer
  /** How many bytes of the input the frame took. */
  size: number
}

export type FrameResult =
  | { kind: 'frame'; frame: Frame }
  | { kind: 'incomplete'; neededBytes: number }
  | { kind: 'invalid'; closeCode: number }

const KNOWN_OPCODES = new Set<number>(Object.values(OPCODE))

/** Reads the first frame that a client sent; its payload is unmasked. */
export function parseClientFrame(bytes: Buffer, maxBytes: number): FrameResult {
  if (bytes.length < 2) return { kind: 'incomplete', neededBytes: 2 }
  const first = bytes[0]!
  const second = bytes[1]!
  const opcode = first & 0x0f
  const final = (first & 0x80) !== 0
  const shortLength = second & 0x7f

  // No extension is negotiated, so the reserved bits are 0; a client's frames are masked (5.1, 5.2).
  if ((first & 0x70) !== 0 || (second & 0x80) === 0 || !KNOWN_OPCODES.has(opcode)) return invalid(CLOSE.protocolError)
  // Control frames are short and whole (5.5).
  if (opcode >= OPCODE.close && (!final || shortLength > 125)) return invalid(CLOSE.protocolError)

  const lengthBytes = shortLength === 126 ? 2 : shortLength === 127 ? 8 : 0
  const headerBytes = 2 + lengthBytes + 4
  if (bytes.length < headerBytes) return { kind: 'incomplete', neededBytes: headerBytes }
  let length = shortLength
  if (lengthBytes === 2) length = bytes.readUInt16BE(2)
  if (lengthBytes === 8) length = Number(bytes.readBigUInt64BE(2))
  if (length > maxBytes) return invalid(CLOSE.tooBig)

  const size = headerBytes + length
  if (bytes.length < size) return { kind: 'incomplete', neededBytes: size }
  const mask = bytes.subarray(headerBytes - 4, headerBytes)
  const payload = Buffer.from(bytes.subarray(headerBytes, size))
  for (let index = 0; index < payload.length; index++) payload[index]! ^= mask[index & 3]!
  return { kind: 'frame', frame: { opcode, final, payload, size } }
}

/** Writes one whole frame as a server sends it: not masked. */
export function toServerFrame(opcode: number, payload: Buffer): Buffer {
  const { length } = payload
  const lengthBytes = length < 126 ? 0 : length < 65536 ? 2 : 8
  const header = Buffer.alloc(2 + lengthBytes)
  header[0] = 0x80 | opcode
  header[1] = lengthBytes === 0 ? length : lengthBytes === 2 ? 126 : 127
  if (lengthBytes === 2) header.writeUInt16BE(length, 2)
  if (lengthBytes === 8) header.writeBigUInt64BE(BigInt(length), 2)
  return Buffer.concat([header, payload])
}

/** The payload of a close frame. */
export function toClosePayload(code: number): Buffer {
  const payload = Buffer.alloc(2)
  payload.writeUInt16BE(code)
  return payload
}

/** The payload that answers a close frame: its own code, or "protocol error" if there is something wrong with it. */
export function toCloseAnswer(payload: Buffer): Buffer {
  if (payload.length === 0) return payload
  const isValid = payload.length >= 2 && isSendableCloseCode(payload.readUInt16BE(0)) && isUtf8(payload.subarray(2))
  return isValid ? payload.subarray(0, 2) : toClosePayload(CLOSE.protocolError)
}

/** The codes that may stand in a close frame (7.4): 1004 to 1006 and 1015 are never sent. */
function isSendableCloseCode(code: number): boolean {
  if (code >= 3000 && code <= 4999) return true
  return code >= 1000 && code <= 1014 && (code < 1004 || code > 1006)
}

const invalid = (closeCode: number): FrameResult => ({ kind: 'invalid', closeCode })
