import type { Socket } from 'node:net'
import type { ServerOptions } from '../../config/snapshot.ts'
import { SweepClock } from '../clock.ts'
import type { ServingContext } from '../serving-context.ts'
import { ClientConnection, type ConnectionOwner } from './connection.ts'

/** Whether the listener takes no further requests, so that answers say so. */
export interface Closing {
  readonly closing: boolean
}

/** Timeouts strike up to two of these late, never early. */
const tickMs = 250

/** The HTTP/1 server. It is handed sockets by the listeners and never listens itself. */
export class Http1Server implements ConnectionOwner {
  readonly context: ServingContext
  readonly clock = new SweepClock(tickMs)
  readonly #listener: Closing
  readonly #connections = new Set<ClientConnection>()
  readonly #sweep = setInterval(() => this.#check(), tickMs)
  #limits: ServerOptions
  #second = 0
  #date = ''
  #keepsAlive = ''
  #closes = ''

  constructor(context: ServingContext, listener: Closing) {
    this.context = context
    this.#listener = listener
    this.#limits = context.current().server
    this.#prepareHeads()
    this.#sweep.unref()
  }

  get closing(): boolean {
    return this.#listener.closing
  }

  /** The socket must let its client end its side first (`allowHalfOpen`). */
  accept(socket: Socket): void {
    this.#connections.add(new ClientConnection(this, socket))
  }

  /** Takes over limits that a reload has changed. */
  configure(limits: ServerOptions): void {
    this.#limits = limits
    this.#prepareHeads()
  }

  /** Ends the connections that wait for a further request. */
  closeIdle(): void {
    for (const connection of this.#connections) connection.closeIdle()
  }

  stop(): void {
    clearInterval(this.#sweep)
  }

  // ConnectionOwner

  toHeadEnd(keepsAlive: boolean, hasDate: boolean): string {
    const rest = keepsAlive ? this.#keepsAlive : this.#closes
    return hasDate ? rest : this.#date + rest
  }

  onGone(connection: ClientConnection): void {
    this.#connections.delete(connection)
  }

  #check(): void {
    this.clock.advance()
    if (Math.floor(Date.now() / 1000) !== this.#second) this.#prepareHeads()
    for (const connection of this.#connections) connection.checkTimeouts(this.#limits)
  }

  #prepareHeads(): void {
    const now = Date.now()
    const seconds = Math.floor(this.#limits.keepAliveTimeoutMs / 1000)
    this.#second = Math.floor(now / 1000)
    this.#date = `date: ${new Date(now).toUTCString()}\r\n`
    this.#closes = 'connection: close\r\n\r\n'
    this.#keepsAlive = `connection: keep-alive\r\nkeep-alive: timeout=${seconds}\r\n\r\n`
  }
}
