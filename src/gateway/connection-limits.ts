import type { Socket } from 'node:net'
import type { Client } from '../core/exchange.ts'

/** Counts connections in all and per client, and ends those that are too many at once. */
export class ConnectionLimits {
  readonly #perClient = new Map<string, number>()
  readonly #limits: () => { maxConnections: number; maxConnectionsPerClient: number }
  readonly #resolve: (peer: string) => Pick<Client, 'key'> & { trusted: boolean }
  open = 0
  refused = 0

  /** @param resolve tells the client behind a peer, and whether the peer is a proxy of ours, which has no such limit */
  constructor(
    limits: () => { maxConnections: number; maxConnectionsPerClient: number },
    resolve: (peer: string) => Pick<Client, 'key'> & { trusted: boolean },
  ) {
    this.#limits = limits
    this.#resolve = resolve
  }

  /** Takes a new connection in; false when it was ended instead. */
  admit(socket: Socket): boolean {
    const { maxConnections, maxConnectionsPerClient } = this.#limits()
    const { key, trusted } = this.#resolve(socket.remoteAddress ?? '')
    const own = this.#perClient.get(key) ?? 0
    if (this.open >= maxConnections || (own >= maxConnectionsPerClient && !trusted)) {
      this.refused++
      socket.destroy()
      return false
    }
    this.open++
    this.#perClient.set(key, own + 1)
    socket.once('close', () => this.#release(key))
    return true
  }

  #release(key: string): void {
    this.open--
    const left = (this.#perClient.get(key) ?? 1) - 1
    if (left === 0) this.#perClient.delete(key)
    else this.#perClient.set(key, left)
  }
}
