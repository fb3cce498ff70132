import type { Provider } from 'oidc-provider'
import type { LoginAttempts } from '../../accounts/login-attempts.ts'
import { type Refusal, type Reply, refuse } from '../../core/decision.ts'
import type { Exchange } from '../../core/exchange.ts'
import { isSafe } from '../../core/is-safe.ts'
import type { SourceJudge } from '../../core/request-source.ts'
import type { PolicyLog } from '../../core/telemetry.ts'
import type { ClientLookup } from '../../stores/ports/client-store.ts'
import type { BridgedTarget } from '../bridge/bridged-request.ts'
import type { FactorDeps } from '../factors/factor-deps.ts'
import type { Federation } from '../federation/federation.ts'
import { finishUpstream } from '../federation/finish.ts'
import { startUpstream } from '../federation/start.ts'
import { createErrorPage } from '../pages/error-page.ts'
import type { PeopleLinks } from '../pages/login-page.ts'
import type { LookOf } from '../pages/look.ts'
import { replyPage } from '../pages/send-page.ts'
import type { Passkeys } from '../passkeys/passkeys.ts'
import { cancel } from './cancel.ts'
import { allow } from './consent.ts'
import { enrol, showEnrolment } from './enrol.ts'
import { proveFactor, showFactor } from './factor.ts'
import { type OpenInteraction, openInteraction } from './interaction.ts'
import { logIn } from './log-in.ts'
import { logInWithPasskey, offerPasskey } from './log-in-with-passkey.ts'
import type { Passwords } from './password.ts'
import { showCurrent } from './show-current.ts'
import type { Shown } from './show-page.ts'

export interface StepDeps extends FactorDeps {
  /** Forms of other sites must neither log anybody in nor agree to anything (ASVS v5.0.0-3.5.1). */
  readonly judgeSource: SourceJudge
  readonly directory: ClientLookup
  readonly passwords: Passwords
  /** Null: there are none here. */
  readonly passkeys: Passkeys | null
  readonly links: PeopleLinks
  readonly lookOf: LookOf
  readonly attempts: LoginAttempts
  readonly log: PolicyLog
  /** Null: nobody logs in through another server. */
  readonly federation: Federation | null
}

/** What a step is handed. */
export interface StepContext extends StepDeps {
  readonly exchange: Exchange
  readonly provider: Provider
  readonly open: OpenInteraction
  readonly shown: Shown
}

type Step = (context: StepContext) => Reply | Refusal | Promise<Reply | Refusal>

/** The steps of a login by the ids of their endpoints: one file each. */
const steps: Readonly<Record<string, Step>> = {
  'login-page': showCurrent,
  login: logIn,
  'factor-page': showFactor,
  factor: proveFactor,
  'enrol-page': showEnrolment,
  enrol,
  'login-passkey': logInWithPasskey,
  consent: allow,
  cancel,
  with: startUpstream,
  'with-return': finishUpstream,
}

/** Runs one step, for the browser in which its login began. */
export async function runStep(
  id: string,
  exchange: Exchange,
  provider: Provider,
  target: BridgedTarget,
  deps: StepDeps,
): Promise<Reply | Refusal> {
  if (!isSafe(exchange)) {
    const source = deps.judgeSource(exchange)
    if (source.kind === 'foreign') return refuse('csrf_foreign_origin', source.detail)
  }
  const early = deps.lookOf(exchange)
  const open = await openInteraction(exchange, provider, target)
  if (open === null)
    return replyPage(
      400,
      early,
      createErrorPage(early.texts, 'login_not_found', early.texts.say('error.loginNotFound')),
    )
  const look = deps.lookOf(exchange, open.interaction.params.ui_locales)
  const client = await deps.directory.find(open.interaction.params.client_id as string)
  const step = steps[id]
  if (client === null || step === undefined)
    return replyPage(400, look, createErrorPage(look.texts, 'client_not_found'))
  const { uid } = open.interaction
  const shown = {
    action: `${target.mount}/login/${uid}`,
    client,
    links: deps.links,
    look,
    offerPasskey: () => offerPasskey(deps.passkeys, uid, deps.log),
  }
  return step({ ...deps, exchange, provider, open, shown })
}
