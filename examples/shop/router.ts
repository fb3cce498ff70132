import { type Handler, HttpError, type Routes } from './call.ts'

export interface Match {
  handler: Handler
  params: Record<string, string>
}

/** Compiles the patterns once; the returned function finds the handler of a request or throws a 404 or 405. */
export function createRouter(routes: Routes): (method: string, path: string) => Match {
  const entries = Object.entries(routes).map(([key, handler]) => {
    const [method, pattern] = key.split(' ') as [string, string]
    return { method, expression: new RegExp(`^${pattern.replaceAll(/\{(\w+)\}/g, '(?<$1>[^/]+)')}$`), handler }
  })
  return (method, path) => {
    const wanted = method === 'HEAD' ? 'GET' : method
    let pathIsKnown = false
    for (const entry of entries) {
      const found = entry.expression.exec(path)
      if (found === null) continue
      if (entry.method === wanted) return { handler: entry.handler, params: { ...found.groups } }
      pathIsKnown = true
    }
    throw pathIsKnown ? new HttpError(405, `${method} is not allowed here.`) : new HttpError(404, 'No such page.')
  }
}
