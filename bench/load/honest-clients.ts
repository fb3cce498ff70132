// Clients that ask, read and ask again: `node load/honest-clients.ts HOST PORT PATH CONNECTIONS SECONDS`, the token in
// the environment. Unlike wrk it counts a request that is never answered. Prints one line of JSON.
import { connect, type Socket } from 'node:net'
import { percentile } from '../harness/statistics.ts'

const [host, port, path, connections, seconds] = process.argv.slice(2) as [string, string, string, string, string]
const timeoutMs = 2_000
const head = `GET ${path} HTTP/1.1\r\nhost: ${host}:${port}\r\nauthorization: Bearer ${process.env.TOKEN}\r\naccept: application/json\r\n\r\n`

const latencies: number[] = []
let lost = 0

const startedAt = performance.now()
const endsAt = startedAt + Number(seconds) * 1000
await Promise.all(Array.from({ length: Number(connections) }, keepAsking))

console.log(
  JSON.stringify({
    requestsPerSecond: latencies.length / ((performance.now() - startedAt) / 1000),
    p99Ms: latencies.length === 0 ? null : percentile(latencies, 0.99),
    lost,
  }),
)

async function keepAsking(): Promise<void> {
  let socket: Socket | null = null
  while (performance.now() < endsAt) {
    if (socket === null || socket.destroyed) socket = connect({ host, port: Number(port), noDelay: true })
    const askedAt = performance.now()
    if (await ask(socket)) {
      latencies.push(performance.now() - askedAt)
    } else {
      lost++
      socket.destroy()
      socket = null
    }
  }
  socket?.destroy()
}

/** True when a whole answer with status 200 came in time. */
function ask(socket: Socket): Promise<boolean> {
  return new Promise((resolve) => {
    let received = ''
    const timer = setTimeout(() => finish(false), timeoutMs)
    const finish = (answered: boolean, last = false) => {
      clearTimeout(timer)
      socket.removeAllListeners()
      socket.on('error', () => {})
      if (last) socket.destroy()
      resolve(answered)
    }
    socket.on('data', (chunk: Buffer) => {
      received += chunk.toString('latin1')
      const end = received.indexOf('\r\n\r\n')
      if (end === -1) return
      const length = /\r\ncontent-length: (\d+)/i.exec(received)?.[1]
      if (!received.startsWith('HTTP/1.1 200 ') || length === undefined) finish(false)
      else if (received.length >= end + 4 + Number(length)) finish(true, /\r\nconnection: close\r\n/i.test(received))
    })
    socket.on('error', () => finish(false))
    socket.on('close', () => finish(false))
    socket.write(head)
  })
}
