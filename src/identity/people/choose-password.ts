import { findPasswordProblem } from '../../accounts/password-rules.ts'
import { markVerified } from '../../accounts/verified-address.ts'
import type { Refusal, Reply } from '../../core/decision.ts'
import type { Exchange } from '../../core/exchange.ts'
import { randomText } from '../../crypto/random-text.ts'
import { readForm } from '../login/read-form.ts'
import type { Look } from '../pages/look.ts'
import { tellPasswordProblem } from '../pages/password-problem.ts'
import { createMessagePage, createNewPasswordPage } from '../pages/people-pages.ts'
import { replyPage } from '../pages/send-page.ts'
import { isToken, toAccountLink } from './links.ts'
import { toPasswordChange } from './password-change.ts'
import type { PeopleContext } from './people.ts'
import type { TokenKind } from './send-link.ts'

interface Token {
  readonly digest: string
  /** The address that the mail went to. */
  readonly username: string
  /** Null: it opens nothing. */
  readonly accountId: string | null
  /** Of the account that it makes. */
  readonly roles?: readonly string[]
}

/** The form behind a link. Looking at it uses nothing up: programs that scan mails open every link. */
export async function showChoice(
  context: PeopleContext,
  exchange: Exchange,
  look: Look,
  kind: TokenKind,
): Promise<Reply> {
  const text = new URLSearchParams(exchange.query).get('token') ?? ''
  const token = await findToken(context, kind, text)
  return token === null ? showEnded(context, look) : showForm(look, kind, exchange.path, token, text, null)
}

/** A password was typed: the account is made now, or has a new password. */
export async function choosePassword(
  context: PeopleContext,
  exchange: Exchange,
  look: Look,
  kind: TokenKind,
): Promise<Reply | Refusal> {
  const form = await readForm(exchange)
  if ('kind' in form) return form
  const text = form.get('token') ?? ''
  const token = await findToken(context, kind, text)
  if (token === null) return showEnded(context, look)
  const { site, tenant, hasher, store, logouts, now, log } = context
  const password = form.get('new-password') ?? ''
  const { username, digest, accountId, roles = [] } = token
  const problem = findPasswordProblem(password, { username, tenant, host: site })
  if (problem !== null)
    return showForm(look, kind, exchange.path, token, text, tellPasswordProblem(look.texts, problem))
  const hash = await hasher.hash(password)
  const account = accountId === null ? null : await context.accounts.find(accountId)
  const logins = account === null ? [] : await logouts.list(account)
  const result =
    kind !== 'PasswordReset'
      ? await store.signUp(
          { kind, digest },
          {
            ...{ id: randomText(16), tenant, username, passwordHash: hash, createdAt: now() },
            ...{ roles, scopes: [], attributes: markVerified(username) },
          },
        )
      : await store.changePassword(
          toPasswordChange(context, look.texts, { id: accountId as string, username }, hash, { kind, digest }),
        )
  if (result !== 'done') return showEnded(context, look)
  if (account !== null) logouts.tell(account.id, logins)
  log.info(kind === 'PasswordReset' ? 'password_reset' : 'account_signed_up', { by: kind })
  const { say } = look.texts
  const title = say(kind === 'PasswordReset' ? 'password.changed' : 'signUp.done')
  return replyPage(
    200,
    look,
    createMessagePage(title, say('password.logInNow'), toAccountLink(context.issuer, look.texts)),
  )
}

async function findToken({ artefacts, payloads, now }: PeopleContext, kind: TokenKind, text: string) {
  if (!isToken(text)) return null
  const artefact = await artefacts.find(kind, payloads.digest(text))
  if (artefact === null || artefact.consumedAt !== null || (artefact.expiresAt ?? 0) <= now()) return null
  const { username, accountId, roles = [] } = (await payloads.open(artefact)) as Omit<Token, 'digest'>
  if (kind === 'PasswordReset' && accountId === null) return null
  return { digest: artefact.digest, username, accountId, roles }
}

function showForm(
  look: Look,
  kind: TokenKind,
  action: string,
  { username }: Token,
  token: string,
  problem: string | null,
): Reply {
  const title = look.texts.say(kind === 'PasswordReset' ? 'reset.choose' : 'signUp.choose')
  const page = createNewPasswordPage(look.texts, { title, action, problem, username, token })
  return replyPage(problem === null ? 200 : 422, look, page)
}

function showEnded({ issuer }: PeopleContext, look: Look): Reply {
  const { say } = look.texts
  return replyPage(
    410,
    look,
    createMessagePage(say('link.endedTitle'), say('link.ended'), toAccountLink(issuer, look.texts)),
  )
}
