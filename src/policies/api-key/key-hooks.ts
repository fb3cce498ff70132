import { next, type Refusal, refuse } from '../../core/decision.ts'
import type { Slot } from '../../core/exchange.ts'
import { writeLimitFields } from '../../core/limit-fields.ts'
import type { Hooks } from '../../core/policy.ts'
import type { KeyRecord } from '../../stores/ports/key-store.ts'
import type { CachedAnswer } from './key-cache.ts'
import type { ToldLimit } from './key-limits.ts'
import type { Keyring } from './keyring.ts'

/** The key of an exchange, where it limits what it may be used for. */
export interface KeyInUse {
  readonly answer: CachedAnswer
  readonly record: KeyRecord
  readonly told: ToldLimit[]
}

/** What happens to a request after its key was accepted: its own limits, its number of uses, and what its caller is told. */
export function createKeyHooks(
  { limits, spender }: Keyring,
  inUse: Slot<KeyInUse>,
  refuseForStore: (error: unknown) => Refusal,
): Pick<Hooks, 'limit' | 'forward' | 'respond'> {
  async function spend({ answer, record }: KeyInUse) {
    try {
      if (await spender.spend(record.id)) return next
    } catch (error) {
      return refuseForStore(error)
    }
    answer.usedUp = true
    return refuse('api_key_used_up', record.id)
  }

  return {
    limit(exchange) {
      const used = inUse.get(exchange)
      return used === undefined ? next : limits.take(exchange, used.record, used.told)
    },
    // Last of all: a request that another policy refuses costs no use.
    forward(exchange) {
      const used = inUse.get(exchange)
      return used === undefined || used.record.usesLeft === null ? next : spend(used)
    },
    respond(exchange, answer) {
      const used = inUse.get(exchange)
      if (used !== undefined) {
        for (const { policy, state } of used.told) writeLimitFields(answer.headers, policy, state)
      }
      return next
    },
  }
}
