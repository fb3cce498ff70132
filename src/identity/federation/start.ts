import type { Refusal, Reply } from '../../core/decision.ts'
import { showLoginAgain, showStep } from '../login/show-page.ts'
import type { StepContext } from '../login/steps.ts'
import { toMaxAge } from './freshness.ts'
import { UpstreamError } from './upstream.ts'

/** Somebody wants to log in through another server. */
export async function startUpstream(context: StepContext): Promise<Reply | Refusal> {
  const { exchange, open, shown } = context
  if (open.interaction.prompt.name !== 'login') return showStep(open, shown)
  return departTo(exchange.params.provider ?? '', context, toMaxAge(open.interaction.params))
}

/** @param maxAge how old the login there may be, in seconds; null: whatever */
export async function departTo(name: string, context: StepContext, maxAge: number | null): Promise<Reply | Refusal> {
  const { exchange, open, shown, federation } = context
  const upstream = federation?.upstreams.get(name)
  if (federation === null || upstream === undefined)
    return showLoginAgain(open, shown, '', { kind: 'upstream', key: 'with.gone', label: name })
  const { uid } = open.interaction
  const purpose = { kind: 'login', uid } as const
  try {
    return await federation.depart(exchange, shown.look, upstream, purpose, maxAge)
  } catch (error) {
    if (!(error instanceof UpstreamError)) throw error
    const isStale = error.failure === 'stale'
    if (!isStale) federation.log.warn('upstream_not_reached', { provider: name, reason: error.message })
    const key = isStale ? 'with.stale' : 'with.unavailable'
    return showLoginAgain(open, shown, '', { kind: 'upstream', key, label: upstream.label })
  }
}
