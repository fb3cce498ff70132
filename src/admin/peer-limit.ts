import type { Socket } from 'node:net'

/** Keeps one peer from taking every connection. There are no more entries than connections. */
export class PeerLimit {
  readonly #open = new Map<string, number>()
  readonly #maxPerPeer: number

  constructor(maxPerPeer: number) {
    this.#maxPerPeer = maxPerPeer
  }

  /** Takes a new connection in; false when it was ended instead. */
  admit(socket: Socket): boolean {
    const peer = socket.remoteAddress ?? ''
    const own = this.#open.get(peer) ?? 0
    if (own >= this.#maxPerPeer) {
      socket.destroy()
      return false
    }
    this.#open.set(peer, own + 1)
    socket.once('close', () => {
      const left = (this.#open.get(peer) ?? 1) - 1
      if (left === 0) this.#open.delete(peer)
      else this.#open.set(peer, left)
    })
    return true
  }
}
