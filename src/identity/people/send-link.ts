import { randomBytes } from 'node:crypto'
import type { Refusal, Reply } from '../../core/decision.ts'
import type { Exchange } from '../../core/exchange.ts'
import { digestSecret } from '../../crypto/digest.ts'
import { peoplePaths } from '../endpoints.ts'
import { readForm } from '../login/read-form.ts'
import { parseAddress } from '../mail/address.ts'
import { toWaitingMail } from '../mail/queue.ts'
import type { Look } from '../pages/look.ts'
import { createAddressPage, createMailSentPage } from '../pages/people-pages.ts'
import { replyPage } from '../pages/send-page.ts'
import type { TextKey } from '../texts/en.ts'
import { tellWait } from '../texts/tell-wait.ts'
import type { Texts } from '../texts/texts.ts'
import { createNoAccountMail, createResetMail, createSignUpMail } from './mails.ts'
import type { PeopleContext } from './people.ts'
import { toNameDigest } from './removal.ts'

export type Asked = 'sign-up' | 'reset'

/** What a link in a mail is good for, as it is kept. */
export type TokenKind = 'SignUp' | 'Invitation' | 'PasswordReset'

export const tokenLifetimes: Readonly<Record<TokenKind, number>> = {
  SignUp: 86_400_000,
  Invitation: 7 * 86_400_000,
  PasswordReset: 3_600_000,
}

const titles: Readonly<Record<Asked, TextKey>> = { 'sign-up': 'signUp.title', reset: 'reset.title' }

export function showAddressForm(
  { issuer }: PeopleContext,
  look: Look,
  asked: Asked,
  problem: string | null = null,
): Reply {
  const title = look.texts.say(titles[asked])
  const action = new URL(toUrl(issuer, asked)).pathname
  return replyPage(
    problem === null ? 200 : 422,
    look,
    createAddressPage(look.texts, { title, action, problem, address: '' }),
  )
}

/** Sends a mail to whatever address it is. Neither the page nor its time tells whether there is an account. */
export async function sendLink(
  context: PeopleContext,
  exchange: Exchange,
  look: Look,
  asked: Asked,
): Promise<Reply | Refusal> {
  const { say, language } = look.texts
  const form = await readForm(exchange)
  if ('kind' in form) return form
  const address = parseAddress(form.get('email') ?? '')
  if (address === null) return showAddressForm(context, look, asked, say('address.invalid'))
  const { limits } = context
  const waitSeconds = await limits.takeClient(exchange.client.key)
  if (waitSeconds > 0) {
    const wait = tellWait(language, waitSeconds)
    const page = showAddressForm(context, look, asked, say('address.tooMany', { wait }))
    return { ...page, status: 429, headers: [...page.headers, ['retry-after', String(waitSeconds)]] }
  }
  if (await limits.takeAddress(address)) await ask(context, look.texts, address, asked)
  else context.log.info('mail_limit_reached', { asked })
  return replyPage(200, look, createMailSentPage(look.texts, address))
}

/** As much work whether there is an account or not: one token and one mail, of which a token may open nothing. */
async function ask(context: PeopleContext, texts: Texts, address: string, asked: Asked): Promise<void> {
  const { site, issuer, tenant, payloads, accounts, store, now, log } = context
  const account = await accounts.findByUsername(tenant, address)
  const kind: TokenKind = account === null && asked === 'sign-up' ? 'SignUp' : 'PasswordReset'
  const token = randomBytes(32).toString('base64url')
  const digest = payloads.digest(token)
  const [at, endsAt] = [now(), now() + tokenLifetimes[kind]]
  const link = `${toUrl(issuer, kind === 'SignUp' ? 'sign-up' : 'reset')}/confirm?token=${token}`
  const mail =
    account !== null
      ? createResetMail(texts, address, site, link)
      : kind === 'SignUp'
        ? createSignUpMail(texts, address, site, link)
        : createNoAccountMail(texts, address, site)
  const artefact = {
    ...{ kind, digest, grant: null, uid: null, userCode: null, expiresAt: endsAt },
    payload: payloads.seal(kind, digest, { username: address, accountId: account?.id ?? null }),
    account: account === null ? toNameDigest({ tenant, username: address }) : digestSecret(account.id),
  }
  await store.ask(artefact, toWaitingMail(payloads, mail, at, endsAt))
  log.info('account_mail_asked', { asked })
}

function toUrl(issuer: string, asked: Asked): string {
  return issuer.replace(/\/$/, '') + (asked === 'sign-up' ? peoplePaths.signUp : peoplePaths.reset)
}
