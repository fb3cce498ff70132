// Holds connections open as slowly as it may: `node load/slow-clients.ts slow-bodies|slow-readers HOST PORT COUNT`.
// The token comes in the environment. It prints `held N opened M` each second and ends by itself after a minute.
import { connect, type Socket } from 'node:net'

const [kind, host, port, countText] = process.argv.slice(2) as [string, string, string, string]
const count = Number(countText)
const token = process.env.TOKEN ?? ''
const maxLifetimeMs = 60_000
/** A closed connection is opened again, so many times in all: an attacker does not give up at once. */
const maxOpened = count * 10
/** Slow clients come from many addresses, or a limit per address would be all that is measured. */
const addresses = 125

const held = new Set<Socket>()
let opened = 0

setTimeout(() => process.exit(0), maxLifetimeMs)
process.on('SIGTERM', () => process.exit(0))
setInterval(() => {
  console.log(`held ${held.size} opened ${opened}`)
  for (let missing = count - held.size; missing > 0 && opened < maxOpened; missing--) hold()
}, 1_000)
// A flood of handshakes is another attack; these connections arrive within a second.
for (let i = 0; i < count; i++) setTimeout(hold, (i * 500) / count)

function hold(): void {
  const number = opened++
  const socket = connect({ host, port: Number(port), localAddress: `127.0.1.${1 + (number % addresses)}` })
  held.add(socket)
  const trickle = setInterval(() => (kind === 'slow-bodies' ? socket.write('x') : socket.read(256)), 1_000)
  socket
    .on('connect', () => socket.write(kind === 'slow-bodies' ? toUpload(number) : toDownload()))
    .on('error', () => {})
    .on('end', () => socket.destroy())
    .on('close', () => {
      clearInterval(trickle)
      held.delete(socket)
    })
  // Answers to uploads are read, so that a refusal ends the connection; those to downloads are left lying.
  if (kind === 'slow-bodies') socket.resume()
}

/** Every second upload is small enough for a gateway to collect it first. */
function toUpload(number: number): string {
  const length = number % 2 === 0 ? 1024 * 1024 : 16 * 1024
  return `POST /orders HTTP/1.1\r\nhost: ${host}:${port}\r\nauthorization: Bearer ${token}\r\ncontent-type: application/json\r\ncontent-length: ${length}\r\n\r\n{`
}

function toDownload(): string {
  return `GET /exports/7 HTTP/1.1\r\nhost: ${host}:${port}\r\nauthorization: Bearer ${token}\r\n\r\n`
}
