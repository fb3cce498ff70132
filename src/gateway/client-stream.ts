import type { Duplex } from 'node:stream'
import type { BodySource } from './body-source.ts'

/** The client's side of an exchange: the same few verbs over HTTP/1.1 and HTTP/2. None of them throws but `sendHead`. */
export interface ClientStream {
  /** The request's body. */
  readonly body: BodySource
  /** Sends `100 Continue` where the client waits for it. */
  sendContinue(): void
  /** Sends another 1xx answer; one that cannot be sent is left out. */
  sendInterim(status: number, headers: readonly string[]): void
  /**
   * Sends the head. `length` is the body's, null when it is not known; a body that follows goes through `write` and
   * `end`. The bytes may wait for the first of these, or for `flush`. Throws where a field cannot be sent.
   */
  sendHead(status: number, headers: string[], length: number | null): void
  flush(): void
  /** Returns false when the client does not keep up; `buffered` tells how far. */
  write(chunk: Uint8Array): boolean
  end(last: Uint8Array | string | null, trailers: readonly string[] | null): void
  /** Bytes written and not yet taken by the operating system. */
  buffered(): number
  /** Bytes of the body that were handed over so far. */
  readonly bytesSent: number
  /** True once the answer has left to its last byte. */
  readonly complete: boolean
  /** Calls back each time that everything written has been taken, after a `write` that returned false. */
  onDrain(callback: () => void): void
  /** Ends the stream or connection at once, in a way that cannot be taken for the answer's end. */
  reset(): void
  /** Before an answer to a request whose body was not read: the connection cannot be used again. */
  abandonBody(): void
}

/** A connection that is not HTTP any more. */
export interface Released {
  readonly socket: Duplex
  /** What the client has said since; it may have ended its side behind that. */
  readonly early: Buffer
}

/** Over HTTP/1.1 a client may ask to go on in another protocol. */
export interface TunnelClient extends ClientStream {
  /** Bytes that went to the client through the tunnel are counted too. */
  bytesSent: number
  /** Answers 101 and hands the connection over. Throws where a field cannot be sent. */
  openTunnel(headers: readonly string[], protocol: string): Released
}
