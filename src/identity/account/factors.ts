import { type Refusal, type Reply, reply } from '../../core/decision.ts'
import { digestSecret } from '../../crypto/digest.ts'
import { maxFactors } from '../../stores/ports/factor-store.ts'
import { peoplePaths } from '../endpoints.ts'
import { hasSecondFactor } from '../factors/held-factors.ts'
import { createFactorMail } from '../factors/mails.ts'
import { createRecoveryCodes, type RecoveryData } from '../factors/recovery-codes.ts'
import { forgetDevice, listDevices } from '../factors/remembered-devices.ts'
import { openFactor } from '../factors/sealed-factors.ts'
import { beginEnrolment, confirmEnrolment } from '../factors/totp-enrolment.ts'
import { readForm } from '../login/read-form.ts'
import { createEnrolmentPage, createRecoveryPage } from '../pages/enrolment-page.ts'
import { html } from '../pages/html.ts'
import { createMessagePage } from '../pages/people-pages.ts'
import { replyPage } from '../pages/send-page.ts'
import type { AccountContext } from './account.ts'
import { demandOwner } from './demand-recent.ts'
import { createFactorsPage } from './factors-page.ts'

const { factors: factorsPath, totp: totpPath } = peoplePaths

/** What there is, and what can be done with it. */
export async function showFactors(context: AccountContext): Promise<Reply> {
  const { look, mount, factors, payloads, who } = context
  const records = await factors.list(who.account.id)
  const recovery = records.find(({ kind }) => kind === 'recovery')
  const left = recovery === undefined ? null : ((await openFactor(payloads, recovery)) as RecoveryData).digests.length
  const page = createFactorsPage(look.texts, {
    path: mount + factorsPath,
    back: mount + peoplePaths.account,
    factors: records.filter(({ kind }) => kind === 'totp'),
    codesLeft: hasSecondFactor(records) ? left : null,
    devices: await listDevices(context, who.account.id),
    full: records.filter(({ kind }) => kind !== 'passkey').length >= maxFactors,
  })
  return replyPage(200, look, page)
}

/** Shows the secret to the app. */
export async function showTotp(context: AccountContext): Promise<Reply> {
  return (await demandOwner(context, totpPath)) ?? showEnrolment(context, null)
}

/** A code of the app was typed. */
export async function addTotp(context: AccountContext): Promise<Reply | Refusal> {
  const { exchange, look, mount, who } = context
  const sent = await demandOwner(context, totpPath)
  if (sent !== null) return sent
  const form = await readForm(exchange)
  if ('kind' in form) return form
  const { texts } = look
  const confirmed = await confirmEnrolment(context, {
    ...{ account: who.account, place: who.session, texts },
    ...{ code: form.get('code') ?? '', label: form.get('label') ?? '' },
  })
  if (confirmed.kind === 'wrong') return showEnrolment(context, texts.say('factor.wrong'))
  if (confirmed.kind === 'full')
    return replyPage(409, look, createMessagePage(texts.say('factors.title'), texts.say('factors.full')))
  if (confirmed.kind === 'ended') return reply(303, [['location', mount + totpPath]])
  context.log.info('factor_added', {})
  return confirmed.codes === null ? goBack(context) : showCodes(context, confirmed.codes)
}

export async function removeFactor(context: AccountContext): Promise<Reply | Refusal> {
  const { exchange, look, factorChanges, who, now, log } = context
  const sent = await demandOwner(context, factorsPath)
  if (sent !== null) return sent
  const form = await readForm(exchange)
  if ('kind' in form) return form
  const { account } = who
  const removed = await factorChanges.remove({
    account: account.id,
    id: form.get('id') ?? '',
    accountDigest: digestSecret(account.id),
    mail: createFactorMail(context, look.texts, account, 'removed'),
    now: now(),
  })
  if (removed > 0) log.info('factor_removed', {})
  return goBack(context)
}

/** New recovery codes: the old ones are worth nothing any more. */
export async function renewCodes(context: AccountContext): Promise<Reply> {
  const { look, factors, factorChanges, payloads, who, now } = context
  const sent = await demandOwner(context, factorsPath)
  if (sent !== null) return sent
  // Without anything that they could stand in for, there are none.
  if (!hasSecondFactor(await factors.list(who.account.id))) return goBack(context)
  const { codes, factor } = createRecoveryCodes(payloads, who.account.id, now())
  await factorChanges.replaceRecovery(factor, createFactorMail(context, look.texts, who.account, 'recovery'))
  return showCodes(context, codes)
}

/** A browser is to be asked again. */
export async function forget(context: AccountContext): Promise<Reply | Refusal> {
  const form = await readForm(context.exchange)
  if ('kind' in form) return form
  await forgetDevice(context, context.who.account.id, form.get('id') ?? '')
  return goBack(context)
}

async function showEnrolment(context: AccountContext, problem: string | null): Promise<Reply> {
  const { look, mount, options, who } = context
  const { secret } = await beginEnrolment(context, who.session, who.account.id)
  const page = createEnrolmentPage(look.texts, {
    action: mount + totpPath,
    ...{ secret, problem, reason: null, formTargets: [] },
    site: new URL(options.issuer).host,
    username: who.account.username,
  })
  return replyPage(problem === null ? 200 : 422, look, page)
}

function showCodes({ look, mount }: AccountContext, codes: readonly string[]): Reply {
  const goOn = html`<p><a href="${mount + factorsPath}">${look.texts.say('recovery.done')}</a></p>`
  return replyPage(200, look, createRecoveryPage(look.texts, codes, goOn))
}

function goBack({ mount }: AccountContext): Reply {
  return reply(303, [['location', mount + factorsPath]])
}
