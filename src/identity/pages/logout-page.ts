import type { KoaContextWithOIDC } from 'oidc-provider'
import { Html, html } from './html.ts'
import type { Looks } from './look.ts'
import { toFormTarget } from './page.ts'
import { createMessagePage } from './people-pages.ts'
import { lookFor, sendPage } from './send-page.ts'

/** The pages of a logout that oidc-provider asks for. */
export function createLogoutPages(looks: Looks) {
  return {
    /** Asks whether to log out: a link of anybody's must not do it. */
    async logoutSource(ctx: KoaContextWithOIDC, form: string): Promise<void> {
      const target = ctx.oidc.session?.state?.postLogoutRedirectUri
      const look = lookFor(ctx, looks)
      const { say } = look.texts
      sendPage(ctx, look, {
        title: say('logout.title'),
        // Made by oidc-provider: the form with its token, which the buttons belong to.
        content: html`${new Html(form)}
<p>${say('logout.again')}</p>
<button type="submit" form="op.logoutForm" name="logout" value="yes">${say('logout.submit')}</button>
<button type="submit" form="op.logoutForm" class="second">${say('logout.stay')}</button>`,
        formTargets: typeof target === 'string' ? toFormTarget(target) : [],
      })
    },

    async postLogoutSuccessSource(ctx: KoaContextWithOIDC): Promise<void> {
      const look = lookFor(ctx, looks)
      const { say } = look.texts
      // Who chose to stay comes by here too.
      const { accountId } = await ctx.oidc.provider.Session.get(ctx)
      const title = say(accountId === undefined ? 'logout.doneTitle' : 'logout.stayedTitle')
      sendPage(ctx, look, createMessagePage(title, say('logout.done')))
    },
  }
}
