import type { UpstreamFault } from './dispatch.ts'

/** How far a request had come when an attempt failed: it decides on who may try again. */
export type Reach =
  /** Not a byte of it was written. */
  | 'nothing'
  /** Written on a connection that had served before, and no byte came back: it may have been closed meanwhile. */
  | 'stale'
  /** Written: the target may have acted on it. */
  | 'sent'

/** One attempt that failed. */
export interface Failure extends UpstreamFault {
  readonly reach: Reach
  /** Counts against the target. */
  readonly blamesTarget: boolean
}

export function toConnectFailure(label: string, error: Error, certificate: boolean): Failure {
  const code = certificate ? 'upstream_certificate' : 'upstream_refused'
  return { code, detail: `${label}: ${describeError(error)}`, reach: 'nothing', blamesTarget: true }
}

export function describeError(error: Error): string {
  const { code } = error as NodeJS.ErrnoException
  return code === undefined || error.message.includes(code) ? error.message : `${code}: ${error.message}`
}
