import type { Socket } from 'node:net'
import type { ServerOptions } from '../../config/snapshot.ts'
import { type Refusal, refuse } from '../../core/decision.ts'
import type { BodySink } from '../body-source.ts'
import { GatewayCarrier } from '../carrier.ts'
import type { Released } from '../client-stream.ts'
import { type Clock, isOver } from '../clock.ts'
import { type PeerCertificate, peerCertificateOf } from '../peer-certificate.ts'
import type { Incoming } from '../receive.ts'
import type { ServingContext } from '../serving-context.ts'
import type { ClientLine } from './client-line.ts'
import { GrowingBytes } from './growing-bytes.ts'
import { Http1Client } from './http1-client.ts'
import type { RequestHead } from './request-head.ts'
import { RequestParser, type RequestSink } from './request-parser.ts'
import { isHandshake } from './websocket.ts'
import type { Taken } from './write-around.ts'

/** What may wait in memory of one connection: later requests, or a body that nobody wants yet. */
const maxWaitingBytes = 64 * 1024
/** How long, and for how many bytes, a client is still read that has got its last answer. */
const lingerMs = 2_000
const lingerBytes = 4 * 1024 * 1024
/** How long a client that has ended its side is taken to be reading, while nothing is written. */
const halfOpenMs = 1_000

/** Whom a connection belongs to. */
export interface ConnectionOwner {
  readonly context: ServingContext
  readonly clock: Clock
  /** No further request is taken. */
  readonly closing: boolean
  toHeadEnd(keepsAlive: boolean, hasDate: boolean): string
  onGone(connection: ClientConnection): void
}

/** Between requests, or in a request's head. */
const open = 0
/** An exchange is under way. */
const busy = 1
/** The answer has left, the rest of its request has not come. */
const draining = 2
/** The last answer has left, and our side is ended. */
const lingering = 3
/** Not HTTP any more, or gone. */
const over = 4

/**
 * One connection of a client over HTTP/1, which carries one exchange at a time. It is ended in one way only: our side
 * first, then what the client still sends is read for a short while. A connection that is closed with unread bytes is
 * reset, and the reset can overtake the answer (RFC 9112 section 9.6).
 */
export class ClientConnection implements RequestSink, ClientLine {
  readonly socket: Socket
  readonly #owner: ConnectionOwner
  readonly #encrypted: boolean
  readonly #peer: string
  readonly #certificate: PeerCertificate | null
  readonly #parser: RequestParser
  readonly #waiting = new GrowingBytes()
  readonly onTaken: Taken | null
  #state: number = open
  /** When the state began; in `open`, when the head's first byte came. */
  #since: number
  #served = false
  #call: Http1Client | null = null
  #sink: BodySink | null = null
  /** All of the request that is under way has come. */
  #requestDone = true
  #wantsBody = false
  #isReading = false
  #isPaused = false
  /** The client has ended its side. */
  #ended = false
  #dropped = 0
  #written = 0
  #movedAt = 0

  readonly #onData = (bytes: Buffer) => this.#read(bytes)
  readonly #onEnd = () => this.#takeEnd()
  readonly #onDrain = () => this.#call?.takeDrain()
  readonly #takenAll: Taken = (error) => {
    if (!error) this.#takeTaken()
  }

  constructor(owner: ConnectionOwner, socket: Socket) {
    this.#owner = owner
    this.socket = socket
    this.#encrypted = 'encrypted' in socket
    this.#peer = socket.remoteAddress ?? ''
    this.#certificate = this.#encrypted ? peerCertificateOf(socket) : null
    this.#parser = new RequestParser(this, owner.context.current().server.maxHeaderBytes)
    // What is encrypted leaves a moment later, whatever the system takes at once.
    this.onTaken = this.#encrypted ? this.#takenAll : null
    this.#since = owner.clock.now
    socket.on('data', this.#onData)
    socket.on('end', this.#onEnd)
    socket.on('drain', this.#onDrain)
    socket.on('error', () => {})
    socket.on('close', () => this.#takeClose())
  }

  // Reading

  #read(bytes: Buffer): void {
    if (this.#waiting.length > 0 || this.#isReading) this.#keep(bytes, 0)
    else {
      const at = this.#feed(bytes)
      if (at < bytes.length) this.#keep(bytes, at)
    }
  }

  /** Reads as far as the bytes are wanted now. Returns where it stopped. */
  #feed(bytes: Buffer): number {
    this.#isReading = true
    let at = 0
    while (at < bytes.length && this.#wantsBytes()) {
      if (this.#state === lingering) {
        this.#drop(bytes.length - at)
        at = bytes.length
      } else {
        if (this.#state === open && this.#served && !this.#parser.hasPart) this.#since = this.#owner.clock.now
        at = this.#parser.push(bytes, at)
      }
    }
    this.#isReading = false
    return at
  }

  #wantsBytes(): boolean {
    return this.#state !== busy ? this.#state !== over : this.#wantsBody && !this.#requestDone
  }

  #keep(bytes: Buffer, from: number): void {
    this.#waiting.append(bytes, from)
    if (this.#waiting.length < maxWaitingBytes || this.#isPaused) return
    this.#isPaused = true
    this.socket.pause()
  }

  /** Goes on with what waits, where it is wanted now. */
  #goOn(): void {
    if (this.#isReading) return
    if (this.#waiting.length > 0 && this.#wantsBytes()) {
      const at = this.#feed(this.#waiting.view())
      this.#waiting.skip(at)
    }
    if (this.#isPaused && this.#waiting.length < maxWaitingBytes) {
      this.#isPaused = false
      this.socket.resume()
    }
    if (this.#ended) this.#checkEnd()
  }

  #drop(bytes: number): void {
    this.#dropped += bytes
    if (this.#dropped > lingerBytes) this.socket.destroy()
  }

  #takeEnd(): void {
    this.#ended = true
    this.#movedAt = this.#owner.clock.now
    this.#checkEnd()
  }

  /** The client has ended its side: what it has not said so far it never will. */
  #checkEnd(): void {
    if (this.#waiting.length > 0 && this.#wantsBytes()) return
    switch (this.#state) {
      case open:
        if (this.#parser.hasPart) this.onInvalid(refuse('malformed_request', 'it ends within its head'))
        // An encrypted connection says that it ends.
        else if (this.#encrypted) this.#linger()
        else this.socket.destroy()
        return
      case busy:
        if (!this.#requestDone && this.#waiting.length === 0) this.cut()
        return
      case draining:
        this.socket.destroy()
        return
    }
  }

  #takeClose(): void {
    const call = this.#call
    this.#call = null
    this.#state = over
    this.#parser.stop()
    this.#owner.onGone(this)
    call?.close(false)
  }

  // RequestSink

  onRequestHead(head: RequestHead): void {
    this.#requestDone = head.contentLength === 0
    this.#wantsBody = false
    this.#served = true
    const leaves = head.upgrades || head.method === 'CONNECT'
    const client = new Http1Client(this, leaves ? { ...head, keepsAlive: false } : head)
    const carrier = this.#begin(client, head.method, head.target, head.minor, head.fields, head.upgrades)
    if (carrier === null) return
    if (head.method === 'CONNECT') carrier.startWithRefusal(refuse('method_not_implemented'))
    else if (head.upgrades && !isHandshake(head)) carrier.startWithRefusal(refuse('upgrade_refused'))
    else carrier.start()
  }

  onContent(chunk: Buffer): void {
    this.#sink?.onSourceChunk(chunk)
  }

  onRequestEnd(): void {
    this.#requestDone = true
    if (this.#state === draining) this.#open()
    else this.#endBody()?.onSourceEnd()
  }

  /** Bytes that never became a request are answered too, so that such clients are limited, logged and counted. */
  onInvalid(refusal: Refusal): void {
    if (this.#state === draining) this.#linger()
    else if (this.#state === busy) {
      if (this.#call !== null) this.#call.keepsAlive = false
      // Nobody knows where it ends.
      this.#requestDone = true
      this.#endBody()?.onSourceFault(refusal.detail ?? '', refusal.code)
    } else {
      this.#parser.stop()
      const client = new Http1Client(this, { method: 'GET', minor: 1, keepsAlive: false })
      this.#begin(client, 'GET', '/', 1, garbageFields, false)?.startWithRefusal(refusal)
    }
  }

  #endBody(): BodySink | null {
    const sink = this.#sink
    this.#sink = null
    return sink
  }

  #begin(
    client: Http1Client,
    method: string,
    url: string,
    minor: number,
    rawHeaders: readonly string[],
    upgradable: boolean,
  ): GatewayCarrier | null {
    const { context } = this.#owner
    this.#state = busy
    this.#call = client
    const incoming: Incoming = {
      method,
      url,
      httpVersion: minor === 1 ? '1.1' : '1.0',
      authority: null,
      rawHeaders,
      encrypted: this.#encrypted,
      peer: this.#peer,
      upgradable,
      certificate: this.#certificate,
    }
    try {
      const carrier = new GatewayCarrier(incoming, client, context.current(), context.watch)
      client.carrier = carrier
      return carrier
    } catch (error) {
      this.socket.destroy()
      context.onFault(error)
      return null
    }
  }

  // ClientLine

  get closing(): boolean {
    return this.#owner.closing
  }

  toHeadEnd(keepsAlive: boolean, hasDate: boolean): string {
    return this.#owner.toHeadEnd(keepsAlive, hasDate)
  }

  startBody(sink: BodySink): void {
    if (this.#requestDone) {
      sink.onSourceEnd()
      return
    }
    this.#sink = sink
    this.resumeBody()
  }

  pauseBody(): void {
    this.#wantsBody = false
  }

  resumeBody(): void {
    this.#wantsBody = true
    this.#goOn()
  }

  onAnswerEnd(): void {
    if (this.onTaken !== null || this.#state === over || this.socket.destroyed) return
    if (this.socket.writableLength === 0) this.#takeTaken()
    // Called when everything before it has left.
    else this.socket.write('', 'latin1', this.#takenAll)
  }

  release(): Released {
    const { socket } = this
    const early = this.#waiting.view()
    this.#state = over
    this.#parser.stop()
    socket.removeListener('data', this.#onData)
    socket.removeListener('end', this.#onEnd)
    socket.removeListener('drain', this.#onDrain)
    // Whoever takes it over listens for data when ready for it; until then nothing may get lost.
    socket.pause()
    socket.readableFlowing = null
    this.#waiting.clear()
    return { socket, early }
  }

  cut(): void {
    const { socket } = this
    // Where the end of the connection is the end of the answer, an orderly one would make it look complete.
    if (this.#encrypted) socket.destroy()
    else socket.resetAndDestroy()
  }

  // Its states

  /** Ends the connection where it waits for a request. */
  closeIdle(): void {
    if (this.#state === open && !this.#parser.hasPart) this.#linger()
  }

  /** Called by the sweep. */
  checkTimeouts({ headerTimeoutMs, keepAliveTimeoutMs }: ServerOptions): void {
    const { clock } = this.#owner
    switch (this.#state) {
      case open:
        if (this.#parser.hasPart) {
          if (isOver(clock, this.#since, headerTimeoutMs)) {
            this.onInvalid(refuse('request_timeout', 'the header did not arrive in time'))
          }
        } else if (!this.#served) {
          // Opened ahead of need, as browsers do: it deserves no answer and no line in the log.
          if (isOver(clock, this.#since, headerTimeoutMs)) this.socket.destroy()
        } else if (isOver(clock, this.#since, keepAliveTimeoutMs)) this.#linger()
        return
      case busy:
        if (this.#ended && this.#requestDone) this.#checkHalfOpen()
        return
      case draining:
      case lingering:
        if (isOver(clock, this.#since, lingerMs)) this.socket.destroy()
        return
    }
  }

  /**
   * A client that has ended its side may still be reading, or be gone: nothing tells but what becomes of bytes that are
   * written to it. One that waits in vain for long enough is taken to be gone, so that its call does not go on for nobody.
   */
  #checkHalfOpen(): void {
    const { socket } = this
    const { clock } = this.#owner
    if (socket.bytesWritten !== this.#written || socket.writableLength > 0) {
      this.#written = socket.bytesWritten
      this.#movedAt = clock.now
    } else if (isOver(clock, this.#movedAt, halfOpenMs)) this.cut()
  }

  /** The answer has left to its last byte. */
  #takeTaken(): void {
    const call = this.#call
    if (call === null || !call.isAnswered) return
    this.#call = null
    this.#sink = null
    if (!call.keepsAlive) this.#linger()
    else if (this.#requestDone) this.#open()
    else this.#enter(draining)
    call.close(true)
    this.#goOn()
  }

  #open(): void {
    this.#enter(open)
  }

  #enter(state: number): void {
    this.#state = state
    this.#since = this.#owner.clock.now
  }

  #linger(): void {
    this.#enter(lingering)
    this.#parser.stop()
    this.socket.end()
  }
}

/** Stands for the fields of bytes that are no request. */
const garbageFields: readonly string[] = ['host', 'invalid']
