import { type Refusal, type Reply, reply } from '../../core/decision.ts'
import { maxPasskeys } from '../../stores/ports/passkey-store.ts'
import { peoplePaths } from '../endpoints.ts'
import { hasSecondFactor } from '../factors/held-factors.ts'
import { readForm } from '../login/read-form.ts'
import { createPasskeysPage, maxNameLength } from '../pages/passkeys-page.ts'
import { replyPage } from '../pages/send-page.ts'
import { toPasskeyMail } from '../passkeys/mails.ts'
import type { Passkeys } from '../passkeys/passkeys.ts'
import type { AccountContext } from './account.ts'
import { demandRecent } from './demand-recent.ts'

type Change = (context: AccountContext, passkeys: Passkeys) => Promise<Reply | Refusal>

export const showPasskeys = afresh((context, passkeys) => show(context, passkeys, null))

export const addPasskey = afresh(async (context, passkeys) => {
  const form = await readForm(context.exchange)
  if ('kind' in form) return form
  const { look, who, log, now } = context
  const { say } = look.texts
  const name = toName(form.get('name') ?? '', say('passkeys.unnamed'))
  if (name === null) return show(context, passkeys, say('passkeys.badName', { max: maxNameLength }))
  const made = await passkeys.accept(form.get('passkey') ?? '', { purpose: 'register', within: who.session })
  if ('kind' in made)
    return show(context, passkeys, say(made.kind === 'passkey_late' ? 'passkey.late' : 'passkeys.notAdded'))
  const mail = toPasskeyMail(context, 'added', name)
  const result = await passkeys.kept.add(who.account.id, made, name, now(), mail)
  if (result === 'taken') return show(context, passkeys, say('passkeys.taken'))
  if (result === 'full') return show(context, passkeys, say('passkeys.full'))
  if (result === 'no_account') throw new Error('the account was removed meanwhile')
  log.info('passkey_added', { account: who.account.id })
  return goBack(context)
})

export const renamePasskey = afresh(async (context, passkeys) => {
  const form = await readForm(context.exchange)
  if ('kind' in form) return form
  const { say } = context.look.texts
  const name = toName(form.get('name') ?? '', null)
  if (name === null) return show(context, passkeys, say('passkeys.badName', { max: maxNameLength }))
  const renamed = await passkeys.kept.rename(context.who.account.id, form.get('id') ?? '', name)
  return renamed ? goBack(context) : show(context, passkeys, say('passkeys.gone'))
})

export const removePasskey = afresh(async (context, passkeys) => {
  const form = await readForm(context.exchange)
  if ('kind' in form) return form
  const { look, who, log, now } = context
  const { say } = look.texts
  const known = await passkeys.kept.list(who.account.id)
  const passkey = known.map(({ factor }) => factor).find(({ id }) => id === form.get('id'))
  if (passkey === undefined) return show(context, passkeys, say('passkeys.gone'))
  const mail = toPasskeyMail(context, 'removed', passkey.label ?? say('passkeys.unnamed'))
  const result = await passkeys.kept.remove(who.account.id, passkey.id, mail, now())
  if (result === 'last') return show(context, passkeys, say('passkeys.last'))
  if (result === 'unknown') return show(context, passkeys, say('passkeys.gone'))
  log.info('passkey_removed', { account: who.account.id, passkey: passkey.id })
  return goBack(context)
})

function afresh(change: Change): (context: AccountContext) => Promise<Reply | Refusal> {
  return async (context) => {
    const { factors, options, who, mount, passkeys } = context
    const all = await factors.list(who.account.id)
    // Who has just added the first passkey, in this login, is not asked for it at once.
    const before = all.filter(({ kind, createdAt }) => kind !== 'passkey' || createdAt < who.loggedInAt)
    const hasSecond = options.secondFactor !== 'off' && hasSecondFactor(before)
    return demandRecent(context, hasSecond, mount + peoplePaths.passkeys) ?? change(context, passkeys as Passkeys)
  }
}

async function show(context: AccountContext, passkeys: Passkeys, problem: string | null): Promise<Reply> {
  const { look, who, mount } = context
  const known = await passkeys.kept.list(who.account.id)
  const use = { purpose: 'register', within: who.session } as const
  const page = createPasskeysPage(look.texts, {
    action: mount + peoplePaths.passkeys,
    back: mount + peoplePaths.account,
    passkeys: known.map(({ factor }) => factor),
    options: known.length < maxPasskeys ? await passkeys.askToMake(use, who.account, known) : null,
    problem,
  })
  return replyPage(problem === null ? 200 : 422, look, page)
}

/** Sent again, a page that was reached so does nothing twice. */
function goBack({ mount }: AccountContext): Reply {
  return reply(303, [['location', mount + peoplePaths.passkeys]])
}

/** A name that can be seen, on one line; null where it is none. */
function toName(text: string, usual: string | null): string | null {
  const name = text.normalize('NFC').trim()
  if (name === '') return usual
  return [...name].length <= maxNameLength && name.isWellFormed() && !/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u.test(name)
    ? name
    : null
}
