import type { Refusal, Reply } from '../../core/decision.ts'
import { completeLogin } from '../login/complete-login.ts'
import { showLoginAgain, showStep } from '../login/show-page.ts'
import type { StepContext } from '../login/steps.ts'
import type { TextKey } from '../texts/en.ts'
import { decideAccount } from './decide-account.ts'
import { readProblem, upstreamProblems } from './problems.ts'
import { departTo } from './start.ts'
import { type Arrived, isOfBrowser } from './trips.ts'

/** Somebody is back from another server, in the login that they began there. */
export async function finishUpstream(context: StepContext): Promise<Reply | Refusal> {
  const { exchange, open, shown, federation } = context
  if (open.interaction.prompt.name !== 'login') return showStep(open, shown)
  const name = exchange.params.provider ?? ''
  const label = federation?.upstreams.get(name)?.label ?? name
  const tell = (key: TextKey, username = '') => showLoginAgain(open, shown, username, { kind: 'upstream', key, label })
  if (federation === null) return tell('with.gone')
  const query = new URLSearchParams(exchange.query)
  const problem = readProblem(query)
  if (problem !== null) return tell(upstreamProblems[problem])

  const { uid } = open.interaction
  const browser = federation.cookie.read(exchange)
  const isOurs = (one: Arrived) =>
    one.purpose.kind === 'login' && one.purpose.uid === uid && one.provider === name && isOfBrowser(one, browser)
  const arrived = await federation.trips.take('UpstreamArrived', query.get('state'), isOurs)
  if (arrived === null) return tell('with.ended')
  const decided = await decideAccount(arrived, federation.decide)
  federation.log.info('upstream_login', { provider: name, decided: decided.kind })
  switch (decided.kind) {
    case 'account':
      if (await isFromBeforeSignOut(context, decided.accountId, arrived.authenticatedAt))
        return departTo(name, context, 0)
      return completeLogin(context, decided.accountId, ['fed'], exchange.receivedAt, arrived.authenticatedAt)
    case 'confirm': {
      const { account } = decided
      const { purpose: _, browser: __, emailVerified: ___, authenticatedAt: ____, ...who } = arrived
      await federation.trips.keep('UpstreamWaiting', uid, { ...who, accountId: account.id }, account.id)
      return tell('with.confirm', account.username)
    }
    case 'unknown':
      return tell('with.unknown')
    case 'refused':
      return tell('with.refused')
    case 'reserved':
      return tell('with.reserved')
  }
}

/** Whoever signed out everywhere has not logged in since by a login at the other server that is older than that. */
async function isFromBeforeSignOut(context: StepContext, accountId: string, at: number | null): Promise<boolean> {
  if (at === null) return false
  const account = await context.accounts.find(accountId)
  // That server knows the second only.
  return account !== null && at + 1000 <= (account.signedOutAt ?? 0)
}
