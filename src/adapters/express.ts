import type { Request, RequestHandler } from 'express'
import type { Principal } from '../core/principal.ts'
import { createGuard, type GuardOptions } from '../runtime/create-guard.ts'
import type { GuardSessions, SessionCaller } from '../runtime/guard-sessions.ts'

export type { GuardSessions, SessionCaller }

/** A request that has passed Portcullis. */
export type GuardedExpressRequest = Request & { principal: Principal | null; requestId: string }

export interface ExpressGuard {
  /** To be used before any other middleware: `app.use(guard.middleware)`. */
  readonly middleware: RequestHandler
  /** Begins, renews and ends sessions, on routes with `establishSession`. */
  readonly sessions: GuardSessions
  /** What it counted, in Prometheus' text format. Serve it where only your scraper can read it. */
  metrics(): Promise<string>
  close(): Promise<void>
}

/**
 * Protects an Express application with a policy file.
 * @example
 * const guard = await createExpressGuard({ config: 'portcullis.yaml' })
 * app.use(guard.middleware)
 */
export async function createExpressGuard(options: GuardOptions = {}): Promise<ExpressGuard> {
  const guard = await createGuard(options)
  return {
    middleware: (request, response, next) => guard.handle(request, response, next, request.originalUrl),
    sessions: guard.sessions,
    metrics: () => guard.metrics(),
    close: () => guard.close(),
  }
}
