import { type Reply, reply } from '../../core/decision.ts'
import { type Page, renderPage, toPolicy } from './page.ts'

interface PageContext {
  type: string
  body: unknown
  set(name: string, value: string): void
}

/** A page as the answer of oidc-provider. The status is its own. */
export function sendPage(ctx: PageContext, page: Page): void {
  ctx.type = 'text/html; charset=utf-8'
  ctx.set('content-security-policy', toPolicy(page))
  ctx.body = renderPage(page)
}

/** A page as an answer of ours. */
export function replyPage(status: number, page: Page): Reply {
  const headers = [
    ['content-type', 'text/html; charset=utf-8'],
    ['content-security-policy', toPolicy(page)],
  ] as const
  return reply(status, headers, renderPage(page))
}
