import type { Socket } from 'node:net'
import type { BodySink } from '../body-source.ts'
import type { Released } from '../client-stream.ts'
import type { Taken } from './write-around.ts'

/** What an exchange needs of its connection. The connection calls nothing of an exchange that it has closed. */
export interface ClientLine {
  readonly socket: Socket
  /** No further request is taken. */
  readonly closing: boolean
  /** The end of an answer's head: date, what becomes of the connection, and the empty line. */
  toHeadEnd(keepsAlive: boolean, hasDate: boolean): string
  /** To be called with the last write of an answer where that cannot be done at once; null where it can. */
  readonly onTaken: Taken | null
  /** The last byte of the answer was written. */
  onAnswerEnd(): void
  startBody(sink: BodySink): void
  pauseBody(): void
  resumeBody(): void
  /** Ends the connection at once, in a way that cannot be taken for an orderly end. */
  cut(): void
  /** The connection is not HTTP any more. */
  release(): Released
}
