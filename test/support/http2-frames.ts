import { connect, type TLSSocket } from 'node:tls'

/** HTTP/2 by hand (RFC 9113): for what a proper client would never send. */
export const frameType = {
  data: 0,
  headers: 1,
  rstStream: 3,
  settings: 4,
  ping: 6,
  goaway: 7,
  windowUpdate: 8,
  continuation: 9,
} as const

export const endStream = 0x1
export const endHeaders = 0x4

export interface Frame {
  readonly type: number
  readonly flags: number
  readonly stream: number
  readonly payload: Buffer
}

export function toFrame(type: number, flags: number, stream: number, payload: Uint8Array = Buffer.alloc(0)): Buffer {
  const head = Buffer.alloc(9)
  head.writeUIntBE(payload.length, 0, 3)
  head.writeUInt8(type, 3)
  head.writeUInt8(flags, 4)
  head.writeUInt32BE(stream, 5)
  return Buffer.concat([head, payload])
}

/** Literal fields that are never indexed (RFC 7541 section 6.2.3). */
export function toFieldBlock(fields: readonly (readonly [string, string])[]): Buffer {
  return Buffer.concat(fields.flatMap(([name, value]) => [Buffer.from([0x10]), toLiteral(name), toLiteral(value)]))
}

function toLiteral(text: string): Buffer {
  const bytes = Buffer.from(text, 'latin1')
  return Buffer.concat([toInteger(bytes.length, 7), bytes])
}

/** RFC 7541 section 5.1. */
export function toInteger(value: number, prefixBits: number, first = 0): Buffer {
  const limit = 2 ** prefixBits - 1
  if (value < limit) return Buffer.from([first | value])
  const octets = [first | limit]
  let rest = value - limit
  for (; rest >= 128; rest = Math.floor(rest / 128)) octets.push((rest % 128) | 128)
  octets.push(rest)
  return Buffer.from(octets)
}

export const requestFields = (path: string, method = 'GET'): [string, string][] => [
  [':method', method],
  [':scheme', 'https'],
  [':authority', 'localhost'],
  [':path', path],
]

export interface FrameConnection {
  readonly socket: TLSSocket
  /** Frames that the server has sent. */
  readonly frames: Frame[]
  readonly closed: Promise<void>
  send(...frames: Buffer[]): void
}

/** Connects and sends the preface with empty settings. */
export function connectFrames(port: number): Promise<FrameConnection> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1', rejectUnauthorized: false, ALPNProtocols: ['h2'] })
    const frames: Frame[] = []
    let rest: Buffer = Buffer.alloc(0)
    socket.on('data', (chunk: Buffer) => {
      rest = Buffer.concat([rest, chunk])
      while (rest.length >= 9 && rest.length >= 9 + rest.readUIntBE(0, 3)) {
        const end = 9 + rest.readUIntBE(0, 3)
        frames.push({
          type: rest.readUInt8(3),
          flags: rest.readUInt8(4),
          stream: rest.readUInt32BE(5) & 0x7fffffff,
          payload: rest.subarray(9, end),
        })
        rest = rest.subarray(end)
      }
    })
    const closed = new Promise<void>((end) => socket.once('close', () => end()))
    socket.once('error', reject)
    socket.once('secureConnect', () => {
      socket.off('error', reject)
      socket.on('error', () => {})
      socket.write('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n')
      socket.write(toFrame(frameType.settings, 0, 0))
      resolve({
        socket,
        frames,
        closed,
        send: (...sent) => {
          if (socket.writable) socket.write(Buffer.concat(sent))
        },
      })
    })
  })
}
