import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import { type Call, HttpError, type Routes, sendJson } from './call.ts'
import { createRouter } from './router.ts'

export interface RequestHandler {
  handle: RequestListener
  /** Resolves when no handler is at work any more. */
  settled(): Promise<void>
}

/** Finds the route of every request, runs it, and answers what it throws. */
export function createRequestHandler(routes: Routes): RequestHandler {
  const findRoute = createRouter(routes)
  const running = new Set<Promise<void>>()

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = URL.parse(`http://shop${request.url}`) ?? new URL('http://shop/')
    const call: Call = { request, response, url, params: {} }
    try {
      const { handler, params } = findRoute(request.method ?? 'GET', url.pathname)
      await handler({ ...call, params })
    } catch (error) {
      answerError(call, error as Error)
    }
  }

  return {
    handle(request, response) {
      // Tells every visitor what runs here, as the defaults of many frameworks do.
      response.setHeader('server', 'Shop/1.4.2')
      response.setHeader('x-powered-by', `Node.js ${process.version}`)
      const work = answer(request, response)
      running.add(work)
      work.finally(() => running.delete(work))
    },
    async settled() {
      await Promise.all(running)
    },
  }
}

/** Vulnerable on purpose: what went wrong inside is shown to whoever asked, stack and all. */
function answerError(call: Call, error: Error): void {
  if (call.response.headersSent || call.response.destroyed) call.response.destroy()
  else if (error instanceof HttpError) sendJson(call, error.status, { error: error.message })
  else sendJson(call, 500, { error: error.message, stack: error.stack })
}
