import { type Refusal, type Reply, refuse } from '../../core/decision.ts'
import type { Exchange } from '../../core/exchange.ts'
import { isSafe } from '../../core/is-safe.ts'
import type { SourceJudge } from '../../core/request-source.ts'
import { passwordHasherPort } from '../../crypto/passwords/password-hasher-port.ts'
import { accountLookupPort } from '../../stores/ports/account-store.ts'
import { artefactLookupPort } from '../../stores/ports/artefact-store.ts'
import { peopleStorePort } from '../../stores/ports/people-store.ts'
import type { SealedPayloads } from '../artefacts/sealed-payloads.ts'
import type { IdentityDeps } from '../deps.ts'
import type { Passwords } from '../login/password.ts'
import type { IdentityOptions } from '../options.ts'
import { createMessagePage } from '../pages/people-pages.ts'
import { replyPage } from '../pages/send-page.ts'
import { changePassword, showChange } from './change-password.ts'
import { choosePassword, showChoice } from './choose-password.ts'
import { createMailLimits } from './mail-limits.ts'
import { sendLink, showAddressForm } from './send-link.ts'

export interface PeopleParts {
  readonly payloads: SealedPayloads
  readonly judgeSource: SourceJudge
  readonly passwords: Passwords
}

export type PeopleContext = ReturnType<typeof toContext>

type Step = (context: PeopleContext, exchange: Exchange) => Reply | Refusal | Promise<Reply | Refusal>

/** What people do to their accounts, by the ids of the endpoints. */
const steps: Readonly<Record<string, Step>> = {
  'sign-up-page': (context) => showAddressForm(context, 'sign-up'),
  'sign-up': (context, exchange) => sendLink(context, exchange, 'sign-up'),
  'sign-up-confirm-page': (context, exchange) => showChoice(context, exchange, 'SignUp'),
  'sign-up-confirm': (context, exchange) => choosePassword(context, exchange, 'SignUp'),
  'reset-page': (context) => showAddressForm(context, 'reset'),
  reset: (context, exchange) => sendLink(context, exchange, 'reset'),
  'reset-confirm-page': (context, exchange) => showChoice(context, exchange, 'PasswordReset'),
  'reset-confirm': (context, exchange) => choosePassword(context, exchange, 'PasswordReset'),
  'password-page': (context) => showChange(context),
  password: changePassword,
}

/** The pages on which people see to their accounts: none of them needs a login to go on. */
export function createPeople(options: IdentityOptions, deps: IdentityDeps, parts: PeopleParts) {
  const context = toContext(options, deps, parts)
  return async (id: string, exchange: Exchange): Promise<Reply | Refusal> => {
    if (!isSafe(exchange)) {
      const source = parts.judgeSource(exchange)
      if (source.kind === 'foreign') return refuse('csrf_foreign_origin', source.detail)
    }
    try {
      return await (steps[id] as Step)(context, exchange)
    } catch (error) {
      deps.log.error('people_step_failed', { step: id, error })
      const text = 'Nothing was changed. Try again in a minute.'
      return replyPage(503, createMessagePage('This is not possible at this moment', text))
    }
  }
}

function toContext(options: IdentityOptions, deps: IdentityDeps, { payloads, passwords }: PeopleParts) {
  const { provide, now, log } = deps
  const { issuer, tenant = null, accessTokens } = options
  return {
    issuer,
    site: new URL(issuer).host,
    tenant,
    signUp: options.signUp,
    accessTokenMs: accessTokens.lifetime,
    payloads,
    passwords,
    limits: createMailLimits(provide),
    store: provide(peopleStorePort),
    accounts: provide(accountLookupPort),
    artefacts: provide(artefactLookupPort),
    hasher: provide(passwordHasherPort),
    now,
    log,
  }
}
