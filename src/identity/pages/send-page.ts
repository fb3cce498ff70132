import { type Reply, reply } from '../../core/decision.ts'
import type { Look, Looks } from './look.ts'
import { type Page, renderPage, toPolicy } from './page.ts'

interface PageContext {
  type: string
  body: unknown
  get(name: string): string
  set(name: string, value: string): void
  readonly oidc?: { readonly params?: { readonly [name: string]: unknown } | undefined }
}

/** The look for who asks oidc-provider. */
export function lookFor(ctx: PageContext, looks: Looks): Look {
  const locales = ctx.oidc?.params?.ui_locales
  return looks({
    locales: typeof locales === 'string' ? locales : undefined,
    acceptLanguage: ctx.get('accept-language'),
  })
}

/** A page as the answer of oidc-provider. The status is its own. */
export function sendPage(ctx: PageContext, look: Look, page: Page): void {
  ctx.type = 'text/html; charset=utf-8'
  ctx.set('content-security-policy', toPolicy(page, look))
  ctx.body = renderPage(page, look)
}

/** A page as an answer of ours. */
export function replyPage(status: number, look: Look, page: Page): Reply {
  const headers = [
    ['content-type', 'text/html; charset=utf-8'],
    ['content-security-policy', toPolicy(page, look)],
  ] as const
  return reply(status, headers, renderPage(page, look))
}
