import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Interaction, Provider } from 'oidc-provider'
import { errors } from 'oidc-provider'
import { type Reply, reply } from '../../core/decision.ts'
import type { Exchange } from '../../core/exchange.ts'
import { BridgedRequest, type BridgedTarget } from '../bridge/bridged-request.ts'
import { BridgedResponse } from '../bridge/bridged-response.ts'

type Interaction_ = InstanceType<Provider['Interaction']>
type Result = Parameters<Provider['interactionResult']>[2]

/** A login that goes on, in the browser that it began in. */
export interface OpenInteraction {
  readonly interaction: Interaction_
  /** Ends this step: the browser goes back to where the next one is decided. */
  finish(result: Result, keep?: 'keep'): Promise<Reply>
}

export type { Interaction }

const noBody = new Uint8Array(0)

/** Null where this browser has no such login, because it took too long or began elsewhere. */
export async function openInteraction(
  exchange: Exchange,
  provider: Provider,
  target: BridgedTarget,
): Promise<OpenInteraction | null> {
  const request = new BridgedRequest(exchange, target, noBody) as unknown as IncomingMessage
  const response = new BridgedResponse(0) as unknown as ServerResponse
  try {
    const interaction = (await provider.interactionDetails(request, response)) as Interaction_
    // The cookie says which one it is; a page of another one is not answered with it.
    if (interaction.uid !== exchange.params.uid) return null
    return {
      interaction,
      async finish(result, keep) {
        const merge = { mergeWithLastSubmission: keep === 'keep' }
        const location = await provider.interactionResult(request, response, result, merge)
        return reply(303, [['location', location]])
      },
    }
  } catch (error) {
    if (error instanceof errors.SessionNotFound) return null
    throw error
  }
}
