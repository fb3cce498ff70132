import type { Request, RequestHandler } from 'express'
import type { Principal } from '../core/principal.ts'
import { createGuard, type GuardOptions } from '../runtime/create-guard.ts'

/** A request that has passed Portcullis. */
export type GuardedExpressRequest = Request & { principal: Principal | null; requestId: string }

export interface ExpressGuard {
  /** To be used before any other middleware: `app.use(guard.middleware)`. */
  readonly middleware: RequestHandler
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
    metrics: () => guard.metrics(),
    close: () => guard.close(),
  }
}
