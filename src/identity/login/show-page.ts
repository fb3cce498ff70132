import type { Reply } from '../../core/decision.ts'
import type { ClientRecord } from '../../stores/ports/client-store.ts'
import { createConsentPage } from '../pages/consent-page.ts'
import { createLoginPage, type LoginProblem, type PeopleLinks } from '../pages/login-page.ts'
import type { Look } from '../pages/look.ts'
import { toFormTarget } from '../pages/page.ts'
import { replyPage } from '../pages/send-page.ts'
import type { OpenInteraction } from './interaction.ts'

export interface Shown {
  readonly action: string
  readonly client: ClientRecord
  readonly links: PeopleLinks
  readonly look: Look
  /** What the browser is asked for, where people may log in with a passkey; null: they may not. */
  readonly offerPasskey: () => Promise<object | null>
}

/** The page of the step that a login is at. */
export async function showStep({ interaction }: OpenInteraction, shown: Shown): Promise<Reply> {
  const { action, client, links, look } = shown
  const { texts } = look
  const formTargets = toFormTarget(interaction.params.redirect_uri as string)
  const clientName = client.settings.name ?? client.id
  if (interaction.prompt.name === 'login') {
    const hint = interaction.params.login_hint
    const username = typeof hint === 'string' ? hint.slice(0, 200) : ''
    const passkey = await shown.offerPasskey()
    const page = { action, clientName, username, problem: null, formTargets, links, passkey }
    return replyPage(200, look, createLoginPage(texts, page))
  }
  const { missingOIDCScope = [], missingResourceScopes = {} } = interaction.prompt.details as Details
  const scopes = [...missingOIDCScope, ...Object.values(missingResourceScopes).flat()]
  const redirectHost = URL.parse(interaction.params.redirect_uri as string)?.host ?? null
  return replyPage(200, look, createConsentPage(texts, { action, clientName, scopes, redirectHost, formTargets }))
}

const statuses: Readonly<Record<LoginProblem['kind'], number>> = {
  wrong: 422,
  locked: 429,
  unavailable: 503,
  upstream: 200,
  ended: 422,
  passkey_wrong: 422,
  passkey_late: 422,
}

/** The same form again, with what was wrong. It is the same for a name that nobody has and for a wrong password. */
export async function showLoginAgain(
  { interaction }: OpenInteraction,
  { action, client, links, look, offerPasskey }: Shown,
  username: string,
  problem: LoginProblem,
): Promise<Reply> {
  const formTargets = toFormTarget(interaction.params.redirect_uri as string)
  const clientName = client.settings.name ?? client.id
  const status = statuses[problem.kind]
  const shown = { action, clientName, username, problem, formTargets, links, passkey: await offerPasskey() }
  const page = replyPage(status, look, createLoginPage(look.texts, shown))
  if (problem.kind !== 'locked') return page
  return { ...page, headers: [...page.headers, ['retry-after', String(problem.retryAfterSeconds)]] }
}

export interface Details {
  readonly missingOIDCScope?: readonly string[]
  readonly missingResourceScopes?: Readonly<Record<string, readonly string[]>>
}
