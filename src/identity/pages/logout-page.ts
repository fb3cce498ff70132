import type { KoaContextWithOIDC } from 'oidc-provider'
import { Html, html } from './html.ts'
import { toFormTarget } from './page.ts'
import { sendPage } from './send-page.ts'

/** Asks whether to log out: a link of anybody's must not do it. */
export async function renderLogoutPage(ctx: KoaContextWithOIDC, form: string): Promise<void> {
  const target = ctx.oidc.session?.state?.postLogoutRedirectUri
  sendPage(ctx, {
    title: 'Log out?',
    // Made by oidc-provider: the form with its token, which the buttons belong to.
    content: html`${new Html(form)}
<p>You will have to log in again the next time.</p>
<button type="submit" form="op.logoutForm" name="logout" value="yes">Log out</button>
<button type="submit" form="op.logoutForm" class="second">Stay logged in</button>`,
    formTargets: typeof target === 'string' ? toFormTarget(target) : [],
  })
}

export async function renderLoggedOutPage(ctx: KoaContextWithOIDC): Promise<void> {
  sendPage(ctx, { title: 'You are logged out', content: html`<p>You can close this page.</p>` })
}
