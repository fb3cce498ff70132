import { shareLoginAttempts } from '../../accounts/login-attempts.ts'
import { type Refusal, type Reply, refuse } from '../../core/decision.ts'
import type { Exchange } from '../../core/exchange.ts'
import { isSafe } from '../../core/is-safe.ts'
import type { SourceJudge } from '../../core/request-source.ts'
import { passwordHasherPort } from '../../crypto/passwords/password-hasher-port.ts'
import { peopleStorePort } from '../../stores/ports/people-store.ts'
import type { SealedPayloads } from '../artefacts/sealed-payloads.ts'
import type { IdentityDeps } from '../deps.ts'
import { createFactorDeps } from '../factors/factor-deps.ts'
import type { Federation } from '../federation/federation.ts'
import type { Passwords } from '../login/password.ts'
import type { IdentityOptions } from '../options.ts'
import type { Look, LookOf } from '../pages/look.ts'
import { createMessagePage } from '../pages/people-pages.ts'
import { replyPage } from '../pages/send-page.ts'
import type { Passkeys } from '../passkeys/passkeys.ts'
import { changePassword, showChange } from './change-password.ts'
import { choosePassword, showChoice } from './choose-password.ts'
import { makeFirstAccount, showFirstAccount } from './first-administrator.ts'
import { createHalfChanges } from './half-change.ts'
import { createMailLimits } from './mail-limits.ts'
import { proveChange, showChangeFactor } from './prove-change.ts'
import { sendLink, showAddressForm } from './send-link.ts'

export interface PeopleParts {
  readonly payloads: SealedPayloads
  readonly judgeSource: SourceJudge
  readonly passwords: Passwords
  readonly passkeys: Passkeys | null
  readonly lookOf: LookOf
  readonly federation: Federation | null
}

export type PeopleContext = ReturnType<typeof toContext>

type Step = (context: PeopleContext, exchange: Exchange, look: Look) => Reply | Refusal | Promise<Reply | Refusal>

/** What people do to their accounts, by the ids of the endpoints. */
const steps: Readonly<Record<string, Step>> = {
  'sign-up-page': (context, _exchange, look) => showAddressForm(context, look, 'sign-up'),
  'sign-up': (context, exchange, look) => sendLink(context, exchange, look, 'sign-up'),
  'sign-up-confirm-page': (context, exchange, look) => showChoice(context, exchange, look, 'SignUp'),
  'sign-up-confirm': (context, exchange, look) => choosePassword(context, exchange, look, 'SignUp'),
  'reset-page': (context, _exchange, look) => showAddressForm(context, look, 'reset'),
  reset: (context, exchange, look) => sendLink(context, exchange, look, 'reset'),
  'reset-confirm-page': (context, exchange, look) => showChoice(context, exchange, look, 'PasswordReset'),
  'reset-confirm': (context, exchange, look) => choosePassword(context, exchange, look, 'PasswordReset'),
  'invitation-page': (context, exchange, look) => showChoice(context, exchange, look, 'Invitation'),
  invitation: (context, exchange, look) => choosePassword(context, exchange, look, 'Invitation'),
  'first-administrator-page': showFirstAccount,
  'first-administrator': makeFirstAccount,
  'password-page': (context, _exchange, look) => showChange(context, look),
  password: changePassword,
  'password-factor-page': showChangeFactor,
  'password-factor': proveChange,
}

/** The pages on which people see to their accounts: none of them needs a login to go on. */
export function createPeople(options: IdentityOptions, deps: IdentityDeps, parts: PeopleParts) {
  const context = toContext(options, deps, parts)
  return async (id: string, exchange: Exchange): Promise<Reply | Refusal> => {
    const look = parts.lookOf(exchange)
    if (!isSafe(exchange)) {
      const source = parts.judgeSource(exchange)
      if (source.kind === 'foreign') return refuse('csrf_foreign_origin', source.detail)
    }
    try {
      return await (steps[id] as Step)(context, exchange, look)
    } catch (error) {
      deps.log.error('people_step_failed', { step: id, error })
      const { say } = look.texts
      return replyPage(503, look, createMessagePage(say('error.unavailableTitle'), say('error.unavailable')))
    }
  }
}

function toContext(options: IdentityOptions, deps: IdentityDeps, { payloads, passwords, passkeys }: PeopleParts) {
  const { provide, log } = deps
  const { issuer, tenant = null } = options
  return {
    ...createFactorDeps(options, deps, payloads),
    options,
    issuer,
    site: new URL(issuer).host,
    tenant,
    signUp: options.signUp,
    passwords,
    passkeys,
    attempts: shareLoginAttempts(deps),
    limits: createMailLimits(provide),
    store: provide(peopleStorePort),
    hasher: provide(passwordHasherPort),
    halfChanges: createHalfChanges(options, deps, payloads),
    log,
  }
}
