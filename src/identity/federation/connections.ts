import { type Refusal, type Reply, reply } from '../../core/decision.ts'
import type { AccountContext } from '../account/account.ts'
import { demandOwner } from '../account/demand-recent.ts'
import { peoplePaths } from '../endpoints.ts'
import { readForm } from '../login/read-form.ts'
import { replyPage } from '../pages/send-page.ts'
import type { TextKey } from '../texts/en.ts'
import { createConnectionsPage } from './connections-page.ts'
import { toConnection } from './decide-account.ts'
import type { Federation } from './federation.ts'
import { readProblem, upstreamProblems } from './problems.ts'
import { type Arrived, isOfBrowser } from './trips.ts'
import { UpstreamError } from './upstream.ts'

interface Told {
  readonly key: TextKey
  readonly label?: string
}

export async function showConnections(context: AccountContext, told: Told | null = null, status = 200): Promise<Reply> {
  const { exchange, look, who, mount } = context
  const { decide, upstreams } = requireFederation(context)
  const query = new URLSearchParams(exchange.query)
  const problem = told === null ? readProblem(query) : null
  const name = query.get('provider') ?? ''
  const said: Told | null =
    problem === null ? told : { key: upstreamProblems[problem], label: upstreams.get(name)?.label ?? name }
  const page = createConnectionsPage(look.texts, {
    action: mount + peoplePaths.connections,
    accountPath: mount + peoplePaths.account,
    connections: await decide.lookup.listOf(who.account.id),
    providers: [...upstreams.values()].map(({ name, label }) => ({ name, label })),
    problem: said === null ? null : look.texts.say(said.key, { label: said.label ?? '' }),
  })
  return replyPage(status, look, page)
}

/** One of the page's buttons: connect with a provider, or disconnect. */
export async function changeConnections(context: AccountContext): Promise<Reply | Refusal> {
  const { exchange, look, who, mount, now } = context
  // Another way into an account must not be opened by whoever finds a browser that was left alone.
  const demanded = await demandOwner(context, peoplePaths.connections)
  if (demanded !== null) return demanded
  const form = await readForm(exchange)
  if ('kind' in form) return form
  const path = mount + peoplePaths.connections
  const federation = requireFederation(context)
  const id = form.get('disconnect')
  if (id !== undefined) {
    const result = await federation.decide.store.disconnect(who.account.id, id.slice(0, 100), now())
    if (result === 'last') return showConnections(context, { key: 'connections.last' }, 422)
    return reply(303, [['location', path]])
  }
  const name = form.get('connect') ?? ''
  const upstream = federation.upstreams.get(name)
  if (upstream === undefined) return showConnections(context, { key: 'with.gone', label: name.slice(0, 32) }, 422)
  try {
    const purpose = { kind: 'connect', accountId: who.account.id, session: who.session } as const
    return await federation.depart(exchange, look, upstream, purpose)
  } catch (error) {
    if (!(error instanceof UpstreamError)) throw error
    federation.log.warn('upstream_not_reached', { provider: name, reason: error.message })
    return showConnections(context, { key: 'with.unavailable', label: upstream.label }, 503)
  }
}

/** Back from another server: connected for who began it, in the login that it began in. */
export async function finishConnection(context: AccountContext): Promise<Reply> {
  const { exchange, who, mount } = context
  const federation = requireFederation(context)
  const query = new URLSearchParams(exchange.query)
  if (readProblem(query) !== null) return showConnections(context)
  const browser = federation.cookie.read(exchange)
  const isOurs = (one: Arrived) =>
    one.purpose.kind === 'connect' &&
    one.purpose.accountId === who.account.id &&
    one.purpose.session === who.session &&
    isOfBrowser(one, browser)
  const arrived = await federation.trips.take('UpstreamArrived', query.get('state'), isOurs)
  if (arrived === null) return showConnections(context, { key: 'with.ended' }, 400)
  const { decide, upstreams, log } = federation
  const { provider } = arrived
  const result = await decide.store.connect(toConnection(arrived, who.account.id, decide))
  log.info('account_connected', { provider, result, account: who.account.id })
  const label = upstreams.get(provider)?.label ?? provider
  if (result === 'taken') return showConnections(context, { key: 'connections.taken', label }, 422)
  return reply(303, [['location', mount + peoplePaths.connections]])
}

/** These pages are there only where other servers are. */
function requireFederation({ federation }: AccountContext): Federation {
  if (federation === null) throw new Error('there are no providers')
  return federation
}
