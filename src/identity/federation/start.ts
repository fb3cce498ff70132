import type { Refusal, Reply } from '../../core/decision.ts'
import { showLoginAgain, showStep } from '../login/show-page.ts'
import type { StepContext } from '../login/steps.ts'
import { UpstreamError } from './upstream.ts'

/** Somebody wants to log in through another server. */
export async function startUpstream(context: StepContext): Promise<Reply | Refusal> {
  const { exchange, open, shown, federation } = context
  if (open.interaction.prompt.name !== 'login') return showStep(open, shown)
  const name = exchange.params.provider ?? ''
  const upstream = federation?.upstreams.get(name)
  if (federation === null || upstream === undefined)
    return showLoginAgain(open, shown, '', { kind: 'upstream', key: 'with.gone', label: name })
  try {
    return await federation.depart(exchange, shown.look, upstream, { kind: 'login', uid: open.interaction.uid })
  } catch (error) {
    if (!(error instanceof UpstreamError)) throw error
    federation.log.warn('upstream_not_reached', { provider: name, reason: error.message })
    return showLoginAgain(open, shown, '', { kind: 'upstream', key: 'with.unavailable', label: upstream.label })
  }
}
