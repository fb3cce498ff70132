/** Who takes a request's body as it comes. Nothing is called after `onSourceEnd` or `onSourceFault`. */
export interface BodySink {
  /** The chunk is the receiver's own. */
  onSourceChunk(chunk: Buffer): void
  onSourceEnd(): void
  /** There will be no rest: the client has gone, or what it sends is no body. */
  onSourceFault(detail: string, code: string): void
}

/** A request's body as its protocol delivers it. */
export interface BodySource {
  /** Called once. What has come already may be handed over before this returns. */
  start(sink: BodySink): void
  /** A chunk that is on its way may still come. */
  pause(): void
  resume(): void
  /** Nobody wants the rest. */
  discard(): void
}
