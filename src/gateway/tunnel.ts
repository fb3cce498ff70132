import type { Duplex } from 'node:stream'
import type { Released } from './client-stream.ts'

/**
 * Joins two sockets after an upgrade. Each side's slowness holds back the other; a side that ends lets the other one
 * finish; silence on both for `idleTimeoutMs` ends them. `onSent` hears of each byte that goes to the client, `onEnd` once.
 */
export function joinTunnel(
  { socket: client, early }: Released,
  { socket: upstream, head }: { readonly socket: Duplex; readonly head: Buffer },
  idleTimeoutMs: number,
  onSent: (bytes: number) => void,
  onEnd: () => void,
): void {
  let open = 2
  const timer = setTimeout(cut, idleTimeoutMs)

  function cut(): void {
    clearTimeout(timer)
    client.destroy()
    upstream.destroy()
  }

  function join(from: Duplex, to: Duplex, count: (bytes: number) => void): void {
    from.on('data', (chunk: Buffer) => {
      timer.refresh()
      count(chunk.length)
      if (!to.write(chunk)) from.pause()
    })
    to.on('drain', () => {
      timer.refresh()
      from.resume()
    })
    if (from.readableEnded) to.end()
    else from.on('end', () => to.end())
    from.on('error', cut)
    from.on('close', () => {
      // What it has said is still delivered; the timer bounds how long that may take.
      if (from.errored !== null || !from.readableEnded) cut()
      else to.end()
      if (--open > 0) return
      clearTimeout(timer)
      onEnd()
    })
  }

  if (head.length > 0) {
    onSent(head.length)
    client.write(head)
  }
  if (early.length > 0) upstream.write(early)
  join(upstream, client, onSent)
  join(client, upstream, () => {})
  // Either may have gone before they met.
  if (client.destroyed || upstream.destroyed) cut()
}
