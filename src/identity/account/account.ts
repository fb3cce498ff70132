import { type Refusal, type Reply, refuse, reply } from '../../core/decision.ts'
import type { Exchange } from '../../core/exchange.ts'
import { isSafe } from '../../core/is-safe.ts'
import type { ClientLookup } from '../../stores/ports/client-store.ts'
import { peopleStorePort } from '../../stores/ports/people-store.ts'
import type { IdentityDeps } from '../deps.ts'
import { listEndpoints, peoplePaths, providerPaths, toMount } from '../endpoints.ts'
import { createFactorDeps } from '../factors/factor-deps.ts'
import { changeConnections, finishConnection, showConnections } from '../federation/connections.ts'
import type { IdentityOptions } from '../options.ts'
import type { Look } from '../pages/look.ts'
import { createMessagePage } from '../pages/people-pages.ts'
import { replyPage } from '../pages/send-page.ts'
import type { PeopleParts } from '../people/people.ts'
import { toCookies } from '../provider/cookies.ts'
import { createAccountPage } from './account-page.ts'
import { showConsents, withdrawConsent } from './consents-pages.ts'
import { removeOwn, sendData, showData, showRemoval } from './data-pages.ts'
import { addTotp, forget, removeFactor, renewCodes, showFactors, showTotp } from './factors.ts'
import { endLogin, showLogins, signOutEverywhere } from './logins-pages.ts'
import { addPasskey, removePasskey, renamePasskey, showPasskeys } from './passkeys.ts'
import { accountSections } from './sections.ts'
import { sendToLogin } from './send-to-login.ts'
import { createSignedIn, type SignedIn } from './signed-in.ts'

/** What a page for who is logged in is handed. */
export interface AccountContext extends ReturnType<typeof toShared> {
  readonly directory: ClientLookup
  readonly exchange: Exchange
  readonly look: Look
  readonly who: SignedIn
}

type Step = (context: AccountContext) => Reply | Refusal | Promise<Reply | Refusal>

/** The account pages, by the ids of their endpoints: a `GET` shows one, a `POST` is a form of it. */
const steps: Readonly<Record<string, Step>> = {
  account: showAccount,
  'account-sessions-page': showLogins,
  'account-sessions': endLogin,
  'account-sign-out': signOutEverywhere,
  'account-applications-page': showConsents,
  'account-applications': withdrawConsent,
  'account-data': showData,
  'account-data-file': sendData,
  'account-delete-page': (context) => showRemoval(context),
  'account-delete': removeOwn,
  'connections-page': (context) => showConnections(context),
  connections: changeConnections,
  'connections-return': finishConnection,
  'account-return': ({ exchange, options, mount }) => goBack(exchange, options, mount),
  factors: showFactors,
  'totp-page': showTotp,
  totp: addTotp,
  'factor-remove': removeFactor,
  'recovery-codes': renewCodes,
  'device-forget': forget,
  passkeys: showPasskeys,
  'passkey-add': addPasskey,
  'passkey-rename': renamePasskey,
  'passkey-remove': removePasskey,
}

/** The pages for who is logged in. Whoever is not is sent to log in, and comes back. */
export function createAccount(
  options: IdentityOptions,
  deps: IdentityDeps,
  parts: PeopleParts & { readonly directory: ClientLookup },
) {
  const shared = { ...toShared(options, deps, parts), directory: parts.directory }
  const findSignedIn = createSignedIn({
    artefacts: shared.artefactLookup,
    accounts: shared.accounts,
    payloads: parts.payloads,
    cookie: toCookies(options).names?.session as string,
    now: deps.now,
  })

  return async (id: string, exchange: Exchange): Promise<Reply | Refusal> => {
    const look = parts.lookOf(exchange)
    if (!isSafe(exchange)) {
      const source = parts.judgeSource(exchange)
      if (source.kind === 'foreign') return refuse('csrf_foreign_origin', source.detail)
    }
    try {
      const who = await findSignedIn(exchange)
      if (who === null)
        return sendToLogin(shared, isSafe(exchange) ? exchange.path : shared.mount + peoplePaths.account)
      return await (steps[id] as Step)({ ...shared, exchange, look, who })
    } catch (error) {
      deps.log.error('account_step_failed', { step: id, error })
      const { say } = look.texts
      return replyPage(503, look, createMessagePage(say('error.unavailableTitle'), say('error.unavailable')))
    }
  }
}

/** Where the login that began at a page of the account comes back to; never anywhere else. */
function goBack(exchange: Exchange, options: IdentityOptions, mount: string): Reply {
  const state = new URLSearchParams(exchange.query).get('state')
  const pages = listEndpoints(options).filter(({ kind, methods, id }) => {
    return kind === 'account' && methods.includes('GET') && id !== 'account-return'
  })
  const page = pages.find(({ path }) => path === state)
  return reply(303, [['location', page?.path ?? mount + peoplePaths.account]])
}

function showAccount({ look, who, options, mount }: AccountContext): Reply {
  const sections = accountSections
    .filter(({ offered }) => offered(options))
    .map(({ title, path }) => ({ title, path: mount + path }))
  const logoutPath = mount + providerPaths.end_session
  return replyPage(200, look, createAccountPage(look.texts, { username: who.account.username, logoutPath, sections }))
}

function toShared(
  options: IdentityOptions,
  deps: IdentityDeps,
  { payloads, passwords, federation, passkeys }: PeopleParts,
) {
  const { mount } = toMount(options.issuer)
  const given = { options, mount, passwords, federation, passkeys }
  const { provide, log } = deps
  const people = provide(peopleStorePort)
  return { ...createFactorDeps(options, deps, payloads), ...given, people, provide, log }
}
