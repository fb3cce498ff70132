import type { Duplex } from 'node:stream'

/**
 * Joins two sockets after an upgrade. Each side's slowness holds back the other; silence on both for `idleTimeoutMs`
 * ends them. `onEnd` is called once, with the bytes that went to the client.
 */
export function joinTunnel(
  client: Duplex,
  upstream: Duplex,
  head: Buffer,
  idleTimeoutMs: number,
  onEnd: (bytesToClient: number) => void,
): void {
  let bytesToClient = head.length
  let ended = false
  const timer = setTimeout(end, idleTimeoutMs)

  function end(): void {
    if (ended) return
    ended = true
    clearTimeout(timer)
    client.destroy()
    upstream.destroy()
    onEnd(bytesToClient)
  }

  function join(from: Duplex, to: Duplex, count: (bytes: number) => void): void {
    from.on('data', (chunk: Buffer) => {
      timer.refresh()
      count(chunk.length)
      if (!to.write(chunk)) from.pause()
    })
    to.on('drain', () => from.resume())
    from.on('end', () => to.end())
    from.on('error', end)
    from.on('close', end)
  }

  if (head.length > 0) client.write(head)
  join(upstream, client, (bytes) => {
    bytesToClient += bytes
  })
  join(client, upstream, () => {})
}
