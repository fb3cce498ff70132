import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import { createGuard, type GuardOptions } from '../runtime/create-guard.ts'
import type { GuardedRequest } from '../runtime/embedded-carrier.ts'
import type { GuardSessions, SessionCaller } from '../runtime/guard-sessions.ts'

export type { GuardedRequest, GuardSessions, SessionCaller }

export type GuardedListener = (request: GuardedRequest, response: ServerResponse) => unknown

export interface NodeGuard {
  /** Wraps a request listener: it is called only for requests that every policy let pass. */
  protect(listener: GuardedListener): RequestListener
  /** Begins, renews and ends sessions, on routes with `establishSession`. */
  readonly sessions: GuardSessions
  /** What it counted, in Prometheus' text format. Serve it where only your scraper can read it. */
  metrics(): Promise<string>
  close(): Promise<void>
}

/**
 * Protects a `node:http` server with a policy file.
 * @example
 * const guard = await createNodeGuard({ config: 'portcullis.yaml' })
 * createServer(guard.protect((request, response) => response.end(request.principal?.id))).listen(3000)
 */
export async function createNodeGuard(options: GuardOptions = {}): Promise<NodeGuard> {
  const guard = await createGuard(options)
  return {
    protect: (listener) => (request: IncomingMessage, response: ServerResponse) =>
      guard.handle(request, response, () => listener(request as GuardedRequest, response)),
    sessions: guard.sessions,
    metrics: () => guard.metrics(),
    close: () => guard.close(),
  }
}
