import { createServer, type Socket } from 'node:net'

/** One connection as the double saw it. */
export interface SeenScan {
  /** What is wrong with the bytes that came by clamd(8)'s `zINSTREAM`; null while nothing is. */
  problem: string | null
  /** Lengths of the chunks that came whole. */
  readonly chunks: number[]
  bytes: number
  ended: boolean
}

export interface FakeClamd {
  readonly address: string
  readonly seen: readonly SeenScan[]
  readonly mostAtOnce: () => number
  close(): Promise<void>
}

/**
 * Checks the wire format of what it is sent, and answers as `answer` says when a file is whole.
 * @param onChunk called for every chunk, so that it can misbehave before the end
 */
export async function startFakeClamd(
  answer: (socket: Socket, scan: SeenScan) => void,
  onChunk: (socket: Socket, scan: SeenScan) => void = () => {},
): Promise<FakeClamd> {
  const seen: SeenScan[] = []
  const sockets = new Set<Socket>()
  let most = 0
  const server = createServer((socket) => {
    const scan: SeenScan = { problem: null, chunks: [], bytes: 0, ended: false }
    seen.push(scan)
    sockets.add(socket)
    most = Math.max(most, sockets.size)
    let received = Buffer.alloc(0)
    let greeted = false
    socket.on('error', () => {})
    socket.on('close', () => sockets.delete(socket))
    socket.on('data', (bytes: Buffer) => {
      received = Buffer.concat([received, bytes])
      if (!greeted && received.length >= 10) {
        greeted = true
        if (received.toString('latin1', 0, 10) !== 'zINSTREAM\0') scan.problem = 'it does not begin with zINSTREAM'
        received = received.subarray(10)
      }
      while (greeted && received.length >= 4) {
        const length = received.readUInt32BE(0)
        if (scan.ended) scan.problem = 'something follows the last chunk'
        if (received.length < 4 + length) return
        received = received.subarray(4 + length)
        if (length === 0) {
          scan.ended = true
          answer(socket, scan)
        } else {
          scan.chunks.push(length)
          scan.bytes += length
          onChunk(socket, scan)
        }
      }
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as { port: number }
  return {
    address: `tcp://127.0.0.1:${port}`,
    seen,
    mostAtOnce: () => most,
    close: () =>
      new Promise((resolve) => {
        for (const socket of sockets) socket.destroy()
        server.close(() => resolve())
      }),
  }
}
