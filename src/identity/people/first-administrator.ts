import { findPasswordProblem } from '../../accounts/password-rules.ts'
import type { Refusal, Reply } from '../../core/decision.ts'
import type { Exchange } from '../../core/exchange.ts'
import { randomText } from '../../crypto/random-text.ts'
import { toUsername } from '../../stores/ports/username.ts'
import { peoplePaths } from '../endpoints.ts'
import { readForm } from '../login/read-form.ts'
import type { Look } from '../pages/look.ts'
import { tellPasswordProblem } from '../pages/password-problem.ts'
import { createFirstAccountPage, createMessagePage } from '../pages/people-pages.ts'
import { replyPage } from '../pages/send-page.ts'
import { isToken, toAccountLink } from './links.ts'
import type { PeopleContext } from './people.ts'

/** What the link of a first start is kept as. */
export const firstAdministratorKind = 'FirstAdministrator'

export function toFirstAdministratorLink(issuer: string, token: string): string {
  return `${issuer.replace(/\/$/, '')}${peoplePaths.firstAdministrator}?token=${token}`
}

/** The form behind the link that was printed at the start. */
export async function showFirstAccount(context: PeopleContext, exchange: Exchange, look: Look): Promise<Reply> {
  const token = new URLSearchParams(exchange.query).get('token') ?? ''
  return (await isOpen(context, token)) ? showForm(look, exchange.path, token, '', null) : showEnded(look)
}

/** The first account is made, and with it every such link ends. */
export async function makeFirstAccount(
  context: PeopleContext,
  exchange: Exchange,
  look: Look,
): Promise<Reply | Refusal> {
  const form = await readForm(exchange)
  if ('kind' in form) return form
  const token = form.get('token') ?? ''
  if (!(await isOpen(context, token))) return showEnded(look)
  const { options, site, tenant, payloads, hasher, store, now, log } = context
  const typed = (form.get('username') ?? '').slice(0, 254)
  const username = typed.includes(':') ? null : toUsername(typed)
  const show = (problem: string) => showForm(look, exchange.path, token, typed, problem)
  if (username === null) return show(look.texts.say('first.badName'))
  const password = form.get('new-password') ?? ''
  const problem = findPasswordProblem(password, { username, tenant, host: site })
  if (problem !== null) return show(tellPasswordProblem(look.texts, problem))
  const account = {
    ...{ id: randomText(16), tenant, username, passwordHash: await hasher.hash(password), createdAt: now() },
    ...{ roles: options.firstAdministrator?.roles ?? [], scopes: [], attributes: {} },
  }
  const made = await store.makeFirst({ kind: firstAdministratorKind, digest: payloads.digest(token) }, account)
  if (made !== 'done') return showEnded(look)
  log.info('first_administrator_made', { account: account.id })
  const { say } = look.texts
  return replyPage(
    200,
    look,
    createMessagePage(say('signUp.done'), say('first.logInNow'), toAccountLink(context.issuer, look.texts)),
  )
}

async function isOpen({ artefacts, payloads, now }: PeopleContext, token: string): Promise<boolean> {
  if (!isToken(token)) return false
  const artefact = await artefacts.find(firstAdministratorKind, payloads.digest(token))
  return artefact !== null && artefact.consumedAt === null && (artefact.expiresAt ?? 0) > now()
}

function showForm({ texts, ...look }: Look, action: string, token: string, username: string, problem: string | null) {
  const page = createFirstAccountPage(texts, { title: texts.say('first.title'), action, problem, token, username })
  return replyPage(problem === null ? 200 : 422, { texts, ...look }, page)
}

function showEnded(look: Look): Reply {
  const { say } = look.texts
  return replyPage(410, look, createMessagePage(say('link.endedTitle'), say('first.ended')))
}
