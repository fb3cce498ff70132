export interface AdminLimits {
  readonly maxConnections: number
  readonly maxConnectionsPerPeer: number
  /** Requests of one connection that wait for their answers. */
  readonly maxPipelined: number
  /** For a handshake, for a request, and for a connection that waits for its next one. */
  readonly requestMs: number
  /** From the request until the client has taken its answer. */
  readonly answerMs: number
}

export const adminLimits: AdminLimits = {
  maxConnections: 64,
  maxConnectionsPerPeer: 16,
  maxPipelined: 8,
  requestMs: 5_000,
  answerMs: 15_000,
}
