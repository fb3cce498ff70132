import type { Duplex } from 'node:stream'

/** How long, and for how many bytes, a refused client is still read so that it gets to see the refusal. */
const lingerMs = 2_000
const lingerBytes = 4 * 1024 * 1024

/**
 * Half-closes and goes on reading for a short while: a connection that is closed with unread bytes is reset, and the
 * reset can overtake the answer (RFC 9112 section 9.6). The time is not extended by what comes.
 */
export function closeLingering(socket: Duplex & { readonly bytesRead?: number }): void {
  if (socket.destroyed || socket.writableEnded) return
  const startedWith = socket.bytesRead ?? 0
  const timer = setTimeout(() => socket.destroy(), lingerMs)
  socket.once('close', () => clearTimeout(timer))
  socket.on('data', () => {
    if ((socket.bytesRead ?? 0) - startedWith > lingerBytes) socket.destroy()
  })
  socket.end()
  socket.resume()
}
