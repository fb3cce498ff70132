import { randomBytes } from 'node:crypto'
import type { Refusal, Reply } from '../../core/decision.ts'
import type { Exchange } from '../../core/exchange.ts'
import { digestSecret } from '../../crypto/digest.ts'
import { peoplePaths } from '../endpoints.ts'
import { readForm } from '../login/read-form.ts'
import { parseAddress } from '../mail/address.ts'
import { toWaitingMail } from '../mail/queue.ts'
import { createAddressPage, createMailSentPage } from '../pages/people-pages.ts'
import { replyPage } from '../pages/send-page.ts'
import { createNoAccountMail, createResetMail, createSignUpMail } from './mails.ts'
import type { PeopleContext } from './people.ts'

export type Asked = 'sign-up' | 'reset'

/** What a link in a mail is good for, as it is kept. */
export type TokenKind = 'SignUp' | 'PasswordReset'

export const tokenLifetimes: Readonly<Record<TokenKind, number>> = { SignUp: 86_400_000, PasswordReset: 3_600_000 }

const titles: Readonly<Record<Asked, string>> = { 'sign-up': 'Create an account', reset: 'A new password' }

export function showAddressForm({ issuer }: PeopleContext, asked: Asked, problem: string | null = null): Reply {
  const action = new URL(toUrl(issuer, asked)).pathname
  return replyPage(
    problem === null ? 200 : 422,
    createAddressPage({ title: titles[asked], action, problem, address: '' }),
  )
}

/** Sends a mail to whatever address it is. Neither the page nor its time tells whether there is an account. */
export async function sendLink(context: PeopleContext, exchange: Exchange, asked: Asked): Promise<Reply | Refusal> {
  const form = await readForm(exchange)
  if ('kind' in form) return form
  const address = parseAddress(form.get('email') ?? '')
  if (address === null)
    return showAddressForm(context, asked, 'This is no e-mail address. Write it as ann@example.com.')
  const { limits } = context
  const waitSeconds = await limits.takeClient(exchange.client.key)
  if (waitSeconds > 0) {
    const minutes = Math.ceil(waitSeconds / 60)
    const page = showAddressForm(context, asked, `Too many mails were asked for. Try again in ${minutes} minutes.`)
    return { ...page, status: 429, headers: [...page.headers, ['retry-after', String(waitSeconds)]] }
  }
  if (await limits.takeAddress(address)) await ask(context, address, asked)
  else context.log.info('mail_limit_reached', { asked })
  return replyPage(200, createMailSentPage(address))
}

/** As much work whether there is an account or not: one token and one mail, of which a token may open nothing. */
async function ask(context: PeopleContext, address: string, asked: Asked): Promise<void> {
  const { site, issuer, tenant, payloads, accounts, store, now, log } = context
  const account = await accounts.findByUsername(tenant, address)
  const kind: TokenKind = account === null && asked === 'sign-up' ? 'SignUp' : 'PasswordReset'
  const token = randomBytes(32).toString('base64url')
  const digest = digestSecret(token)
  const [at, endsAt] = [now(), now() + tokenLifetimes[kind]]
  const link = `${toUrl(issuer, kind === 'SignUp' ? 'sign-up' : 'reset')}/confirm?token=${token}`
  const mail =
    account !== null
      ? createResetMail(address, site, link)
      : kind === 'SignUp'
        ? createSignUpMail(address, site, link)
        : createNoAccountMail(address, site)
  const artefact = {
    ...{ kind, digest, grant: null, uid: null, userCode: null, expiresAt: endsAt },
    payload: payloads.seal(kind, digest, { username: address, accountId: account?.id ?? null }),
    account: digestSecret(account?.id ?? address),
  }
  await store.ask(artefact, toWaitingMail(payloads, mail, at, endsAt))
  log.info('account_mail_asked', { asked })
}

function toUrl(issuer: string, asked: Asked): string {
  return issuer.replace(/\/$/, '') + (asked === 'sign-up' ? peoplePaths.signUp : peoplePaths.reset)
}
