import type { Socket } from 'node:net'

/** Called when a write has been taken by the system, or has failed. */
export type Taken = (error?: Error | null) => void

/** Up to this size bytes leave in one string with what stands around them: one write, no list of buffers. */
const joinedBytes = 16 * 1024

/** Writes bytes with what stands before and behind them. Returns false where the next write should wait for a drain. */
export function writeAround(socket: Socket, before: string, bytes: Uint8Array, after: string, taken?: Taken): boolean {
  if (bytes.length === 0) {
    const text = before + after
    return text === '' && taken === undefined ? true : socket.write(text, 'latin1', taken)
  }
  if (bytes.length <= joinedBytes) return socket.write(`${before}${toLatin1(bytes)}${after}`, 'latin1', taken)
  socket.cork()
  if (before !== '') socket.write(before, 'latin1')
  let ready = socket.write(bytes, after === '' ? taken : undefined)
  if (after !== '') ready = socket.write(after, 'latin1', taken)
  socket.uncork()
  return ready
}

function toLatin1(bytes: Uint8Array): string {
  const buffer = Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
  return buffer.toString('latin1')
}
