import type { Client, ErrorOut, KoaContextWithOIDC } from 'oidc-provider'
import type { ClientLookup } from '../../stores/ports/client-store.ts'
import type { BridgedRequest } from '../bridge/bridged-request.ts'
import { personScopes } from '../clients/metadata.ts'
import { listScopes } from '../pages/consent-page.ts'
import { Html, html } from '../pages/html.ts'
import type { Looks } from '../pages/look.ts'
import { createMessagePage } from '../pages/people-pages.ts'
import { lookFor, sendPage } from '../pages/send-page.ts'
import type { TextKey } from '../texts/en.ts'
import { createCodePage } from './code-page.ts'

/** What oidc-provider says was wrong with a code, by the names of its errors. */
const problems: Readonly<Record<string, TextKey>> = {
  NoCodeError: 'device.unknown',
  NotFoundError: 'device.unknown',
  ExpiredError: 'device.unknown',
  AlreadyUsedError: 'device.used',
}

/** The pages of a device's login that oidc-provider asks for. */
export function createDevicePages(directory: ClientLookup, looks: Looks) {
  /** What the device asks for, of what it may have. */
  async function findScopes({ oidc }: KoaContextWithOIDC, { clientId }: Client): Promise<string[]> {
    const asked = (oidc.entities.DeviceCode?.params as { readonly scope?: unknown } | undefined)?.scope
    if (typeof asked !== 'string') return []
    const allowed = (await directory.find(clientId))?.settings.scopes ?? []
    const known = new Set<string>([...personScopes, ...allowed])
    return [...new Set(asked.split(' '))].filter((scope) => known.has(scope))
  }

  return {
    userCodeInputSource(ctx: KoaContextWithOIDC, _form: string, out?: ErrorOut, error?: Error): void {
      const look = lookFor(ctx, looks)
      const { say } = look.texts
      if (error?.name === 'AbortedError') {
        sendPage(ctx, look, createMessagePage(say('device.refusedTitle'), say('device.refused')))
        return
      }
      const problem = error === undefined ? null : say(problems[error.name] ?? 'device.again')
      if (error !== undefined && out?.error !== 'server_error')
        ctx.status = Object.hasOwn(problems, error.name) ? 422 : 400
      const action = ctx.oidc.urlFor('code_verification')
      const xsrf = findSecret(ctx, error)
      sendPage(ctx, look, createCodePage(look.texts, { action, xsrf, code: toCode(ctx), problem }))
    },

    /** Who holds a code of somebody else's device is asked to let it in: the person sees what, and for whom. */
    async userCodeConfirmSource(
      ctx: KoaContextWithOIDC,
      form: string,
      client: Client,
      _info: object,
      code: string,
    ): Promise<void> {
      const look = lookFor(ctx, looks)
      const { say, mark } = look.texts
      sendPage(ctx, look, {
        title: say('device.confirmTitle'),
        // Made by oidc-provider: the form with its token, which the buttons belong to.
        content: html`${new Html(form)}
<p>${mark('device.wants', { client: html`<strong>${client.clientName ?? client.clientId}</strong>` })}</p>
<p class="code"><strong>${code}</strong></p>
<p>${say('device.may')}</p>
${listScopes(look.texts, await findScopes(ctx, client))}
<p class="bad" id="warning">${say('device.warning')}</p>
<button type="submit" form="op.deviceConfirmForm" aria-describedby="warning">${say('device.confirm')}</button>
<button type="submit" form="op.deviceConfirmForm" class="second" name="abort" value="yes" autofocus>${say('device.abort')}</button>`,
      })
    },

    successSource(ctx: KoaContextWithOIDC): void {
      const look = lookFor(ctx, looks)
      const { say, mark } = look.texts
      const { client } = ctx.oidc
      const name = html`<strong>${client?.clientName ?? client?.clientId ?? ''}</strong>`
      sendPage(ctx, look, {
        title: say('device.doneTitle'),
        content: html`<p>${mark('device.done', { client: name })}</p>`,
      })
    },
  }
}

/** More than any code has: what is longer is not shown again. */
const maxCodeLength = 20

/** The code that was typed, or that stands in the address. */
function toCode({ oidc, req }: KoaContextWithOIDC): string {
  const typed = oidc.params?.user_code
  const { query } = (req as unknown as BridgedRequest).exchange
  const code = typeof typed === 'string' ? typed : (new URLSearchParams(query).get('user_code') ?? '')
  return code.slice(0, maxCodeLength)
}

interface DeviceSession {
  readonly exp?: number
  readonly state?: { readonly secret: string }
  touched?: boolean
}

/** What makes the form good in this browser; null where the browser has no session in which it could be kept. */
function findSecret({ oidc }: KoaContextWithOIDC, error: Error | undefined): string | null {
  const session = oidc.session as DeviceSession | undefined
  if (session === undefined) return null
  if (error === undefined || session.exp !== undefined) return session.state?.secret ?? null
  // After an error oidc-provider keeps what it has changed, which it cannot where it never kept it before.
  session.touched = false
  return null
}
