import type { KoaContextWithOIDC, Provider } from 'oidc-provider'
import { createForwardPage, findForward } from '../pages/forward-page.ts'
import type { Looks } from '../pages/look.ts'
import { lookFor, sendPage } from '../pages/send-page.ts'

/** Has pages of oidc-provider that send a form by their script look and speak as all others, and go on without one. */
export function showForwardPages(provider: Provider, looks: Looks): void {
  provider.use(async (ctx, next) => {
    await next()
    if (ctx.method !== 'GET' || typeof ctx.body !== 'string' || !ctx.response.is('html')) return
    const forward = findForward(ctx.body)
    if (forward === null) return
    const { status } = ctx
    const look = lookFor(ctx as unknown as KoaContextWithOIDC, looks)
    sendPage(ctx, look, createForwardPage(look.texts, forward))
    ctx.status = status
  })
}
