import { connect, isIP, type OnReadOpts, type Socket } from 'node:net'
import { connect as connectTls, type TLSSocket } from 'node:tls'
import { type Clock, isOver } from '../clock.ts'
import { type ConnectionOwner, UpstreamConnection } from './connection.ts'
import type { Endpoint } from './endpoint.ts'
import { type Failure, toConnectFailure } from './failure.ts'
import type { TargetAddresses } from './target-addresses.ts'

/** All connections read into these bytes: what is kept of them is copied before the next read. */
const readBuffer = Buffer.allocUnsafeSlow(64 * 1024)

export interface OpeningResult {
  onOpen(opening: Opening, connection: UpstreamConnection): void
  onOpenFailed(opening: Opening, failure: Failure): void
}

export interface OpeningOptions {
  readonly endpoint: Endpoint
  readonly addresses: TargetAddresses
  readonly connectTimeoutMs: number
  readonly clock: Clock
  /** Whom the connection will belong to. */
  readonly owner: ConnectionOwner
  readonly result: OpeningResult
  /** The socket is to be handed over (an upgrade), so it reads as an ordinary stream. */
  readonly forUpgrade: boolean
}

/** One attempt to get a connection: the addresses of a target in turn, within the connect timeout. */
export class Opening {
  readonly #options: OpeningOptions
  readonly #startedAt: number
  #addresses: readonly string[] = []
  #next = 0
  #socket: Socket | null = null
  #tryStartedAt: number
  #connection: UpstreamConnection | null = null
  #over = false

  constructor(options: OpeningOptions) {
    this.#options = options
    this.#startedAt = options.clock.now
    this.#tryStartedAt = options.clock.now
  }

  begin(): void {
    const { addresses, endpoint } = this.#options
    const known = addresses.take()
    if (known !== null) {
      this.#begin(known)
      return
    }
    addresses.resolve().then(
      (found) => this.#begin(found),
      (error: Error) => this.#fail(toConnectFailure(endpoint.label, error, false)),
    )
  }

  abort(): void {
    this.#over = true
    this.#socket?.destroy()
  }

  /** Called by the sweep. */
  checkTimeout(): void {
    const { clock, connectTimeoutMs, endpoint } = this.#options
    if (isOver(clock, this.#startedAt, connectTimeoutMs)) {
      const detail = `${endpoint.label}: no connection within ${connectTimeoutMs} ms`
      this.#fail({ code: 'upstream_timeout', detail, reach: 'nothing', blamesTarget: true })
      return
    }
    const slice = connectTimeoutMs / Math.max(1, this.#addresses.length)
    if (this.#next >= this.#addresses.length || !isOver(clock, this.#tryStartedAt, slice)) return
    this.#socket?.destroy()
    this.#tryNext()
  }

  #begin(addresses: readonly string[]): void {
    if (this.#over) return
    this.#addresses = addresses
    this.#tryNext()
  }

  #tryNext(): void {
    const { endpoint, clock } = this.#options
    const address = this.#addresses[this.#next++] as string
    this.#tryStartedAt = clock.now
    const socket = this.#connect(address)
    this.#socket = socket
    const onError = (error: Error) => {
      if (this.#socket !== socket || this.#over) return
      const certificate = isCertificateError(socket)
      // Another address of the name would show the same certificate, and a wrong one is no reason to go on asking.
      if (this.#next < this.#addresses.length && !certificate) this.#tryNext()
      else this.#fail(toConnectFailure(endpoint.label, error, certificate))
    }
    socket.on('error', onError)
    socket.once(endpoint.tls === null ? 'connect' : 'secureConnect', () => {
      if (this.#socket !== socket || this.#over) return
      this.#over = true
      this.#connection = new UpstreamConnection(this.#options.owner, clock, socket, address)
      socket.removeListener('error', onError)
      this.#options.result.onOpen(this, this.#connection)
    })
  }

  #connect(address: string): Socket {
    const { endpoint, forUpgrade } = this.#options
    const { port, tls, hostname } = endpoint
    const onread: OnReadOpts = { buffer: readBuffer, callback: (length) => this.#read(readBuffer, length) }
    const reading = forUpgrade ? {} : { onread }
    const socket =
      tls === null
        ? connect({ host: address, port, ...reading })
        : connectTls({
            host: address,
            port,
            ...reading,
            ...(isIP(tls.serverName ?? hostname) === 0 && { servername: tls.serverName ?? hostname }),
            secureContext: tls.context,
            ...(tls.session !== null && { session: tls.session }),
            rejectUnauthorized: true,
            ALPNProtocols: ['http/1.1'],
          })
    socket.setNoDelay(true)
    if (tls !== null) socket.on('session', (session: Buffer) => tls.keepSession(session))
    if (forUpgrade) socket.on('data', (chunk: Buffer) => this.#read(chunk, chunk.length))
    return socket
  }

  #read(bytes: Buffer, length: number): boolean {
    this.#connection?.onRead(bytes, length)
    return true
  }

  #fail(failure: Failure): void {
    if (this.#over) return
    this.#over = true
    this.#socket?.destroy()
    this.#options.result.onOpenFailed(this, failure)
  }
}

/** Set by the TLS socket where the handshake was fine but the certificate is not acceptable. */
function isCertificateError(socket: Socket): boolean {
  const problem = (socket as TLSSocket).authorizationError as unknown
  return problem !== undefined && problem !== null
}
