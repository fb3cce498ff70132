import { type Refusal, type Reply, reply } from '../../core/decision.ts'
import type { Exchange } from '../../core/exchange.ts'
import { isSafe } from '../../core/is-safe.ts'
import { loginPath, peoplePaths } from '../endpoints.ts'
import { readForm } from '../login/read-form.ts'
import { createErrorPage } from '../pages/error-page.ts'
import type { LookOf } from '../pages/look.ts'
import { createMessagePage } from '../pages/people-pages.ts'
import { replyPage } from '../pages/send-page.ts'
import type { Federation } from './federation.ts'
import { mapRoles } from './map-roles.ts'
import type { UpstreamProblem } from './problems.ts'
import { type Departed, isOfBrowser, type Purpose } from './trips.ts'
import { type Upstream, UpstreamError, type UpstreamIdentity } from './upstream.ts'

/** What of a form is an answer to an authorization request; nothing else of it is looked at. */
const answerFields = ['code', 'state', 'iss', 'error', 'error_description'] as const

/** Where people come back to from another server. */
export function createCallback(federation: Federation, lookOf: LookOf) {
  return async (exchange: Exchange): Promise<Reply | Refusal> => {
    const look = lookOf(exchange)
    if (!isSafe(exchange)) return goOnByGet(exchange)
    try {
      return await comeBack(federation, exchange)
    } catch (error) {
      if (error instanceof NoTripError) {
        federation.log.info('upstream_answer_refused', { provider: exchange.params.provider, reason: error.message })
        const { texts } = look
        return replyPage(400, look, createErrorPage(texts, 'login_not_found', texts.say('with.ended')))
      }
      federation.log.error('upstream_step_failed', { error })
      const { say } = look.texts
      return replyPage(503, look, createMessagePage(say('error.unavailableTitle'), say('error.unavailable')))
    }
  }
}

class NoTripError extends Error {}

/**
 * A form that another site posts (Apple's `form_post`) comes without our cookies, as they are `SameSite=Lax`. Nothing is
 * done with it but to go on with what it says by a navigation, which has them.
 */
async function goOnByGet(exchange: Exchange): Promise<Reply | Refusal> {
  const form = await readForm(exchange)
  if ('kind' in form) return form
  const answer = new URLSearchParams()
  for (const name of answerFields) {
    const value = form.get(name)
    if (value !== undefined) answer.set(name, value)
  }
  return reply(303, [['location', `${exchange.path}?${answer}`]])
}

async function comeBack(federation: Federation, exchange: Exchange): Promise<Reply> {
  const { upstreams, trips, cookie, log } = federation
  const name = exchange.params.provider ?? ''
  const answer = new URLSearchParams(exchange.query)
  const state = answer.get('state')
  const browser = cookie.read(exchange)
  const isOurs = (one: Departed) => one.provider === name && isOfBrowser(one, browser)
  const trip = await trips.take('UpstreamDeparted', state, isOurs)
  if (trip === null || state === null) throw new NoTripError('no trip of this browser to this provider has this state')
  const { purpose } = trip
  const upstream = upstreams.get(name)
  if (upstream === undefined) return leadBack(federation, purpose, name, { problem: 'gone' })
  let who: UpstreamIdentity
  try {
    who = await redeem(federation, upstream, trip, state, answer)
  } catch (error) {
    if (!(error instanceof UpstreamError)) throw error
    log.warn('upstream_login_failed', { provider: name, failure: error.failure, reason: error.message })
    return leadBack(federation, purpose, name, { problem: error.failure })
  }
  const { issuer, subject, email, emailVerified, authenticatedAt } = who
  const roles = mapRoles(upstream.rules, who.claims)
  const said = { issuer, subject, email, emailVerified, roles, authenticatedAt }
  const arrived = { purpose, provider: name, browser: trip.browser, ...said }
  await trips.keep('UpstreamArrived', state, arrived, purpose.kind === 'connect' ? purpose.accountId : null)
  return leadBack(federation, purpose, name, { state })
}

function redeem(
  { toRedirectUri }: Federation,
  upstream: Upstream,
  { nonce, verifier, fresh }: Departed,
  state: string,
  answer: URLSearchParams,
): Promise<UpstreamIdentity> {
  return upstream.redeem({ state, nonce, verifier, fresh, redirectUri: toRedirectUri(upstream.name) }, answer)
}

/** To where the trip began: the cookie of a login that goes on is for the paths of that login only. */
function leadBack(
  { mount }: Federation,
  purpose: Purpose,
  name: string,
  found: { readonly state: string } | { readonly problem: UpstreamProblem },
): Reply {
  const path =
    purpose.kind === 'login'
      ? `${loginPath}/${encodeURIComponent(purpose.uid)}/with/${encodeURIComponent(name)}`
      : peoplePaths.connectionsReturn
  const query = new URLSearchParams({ ...found, provider: name })
  return reply(303, [['location', `${mount}${path}?${query}`]])
}
