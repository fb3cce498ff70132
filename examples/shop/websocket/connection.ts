import type { Duplex } from 'node:stream'
import { type Frame, OPCODE, parseClientFrame, toCloseAnswer, toClosePayload, toServerFrame } from './frames.ts'
import { createMessageReader } from './messages.ts'

const MAX_MESSAGE_BYTES = 1024 * 1024
/** How long the other side may take to answer a close frame. */
const CLOSE_TIMEOUT_MS = 500

export interface WebSocketConnection {
  send(message: string | Buffer): void
  close(code: number): void
}

/** Speaks WebSocket on a socket whose handshake is done; whole messages go to `onMessage`. */
export function openWebSocket(
  socket: Duplex,
  head: Buffer,
  onMessage: (message: string | Buffer, connection: WebSocketConnection) => void,
): WebSocketConnection {
  const readMessage = createMessageReader(MAX_MESSAGE_BYTES)
  let pending = [head]
  let pendingBytes = head.length
  let neededBytes = 2
  let closing = false

  const connection: WebSocketConnection = {
    send: (message) => write(typeof message === 'string' ? OPCODE.text : OPCODE.binary, Buffer.from(message)),
    close: (code) => sendClose(toClosePayload(code)),
  }

  socket.on('data', (chunk: Buffer) => {
    if (closing) return
    pending.push(chunk)
    pendingBytes += chunk.length
    readFrames()
  })
  socket.on('drain', () => socket.resume())
  socket.on('end', () => socket.end())
  readFrames()
  return connection

  function readFrames(): void {
    // Joining only when a whole frame is there keeps many small chunks from being copied over and over.
    while (!closing && pendingBytes >= neededBytes) {
      const bytes = Buffer.concat(pending)
      const result = parseClientFrame(bytes, MAX_MESSAGE_BYTES)
      if (result.kind === 'invalid') connection.close(result.closeCode)
      else if (result.kind === 'incomplete') {
        pending = [bytes]
        neededBytes = result.neededBytes
      } else {
        pending = [bytes.subarray(result.frame.size)]
        pendingBytes -= result.frame.size
        neededBytes = 2
        readFrame(result.frame)
      }
    }
  }

  function readFrame(frame: Frame): void {
    switch (frame.opcode) {
      case OPCODE.ping:
        write(OPCODE.pong, frame.payload)
        break
      case OPCODE.pong:
        break
      case OPCODE.close:
        sendClose(toCloseAnswer(frame.payload))
        break
      default: {
        const result = readMessage(frame)
        if (result.kind === 'invalid') connection.close(result.closeCode)
        else if (result.kind === 'message') onMessage(result.message, connection)
      }
    }
  }

  function sendClose(payload: Buffer): void {
    if (closing) return
    closing = true
    pending = []
    socket.end(toServerFrame(OPCODE.close, payload))
    // What still arrives is read and forgotten, so that the other side's own close gets through.
    socket.resume()
    const timer = setTimeout(() => socket.destroy(), CLOSE_TIMEOUT_MS)
    socket.on('close', () => clearTimeout(timer))
  }

  function write(opcode: number, payload: Buffer): void {
    // A reader that does not keep up is not read from either: its echoes cannot pile up here.
    if (!closing && !socket.write(toServerFrame(opcode, payload))) socket.pause()
  }
}
