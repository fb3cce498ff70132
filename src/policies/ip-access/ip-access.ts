import { createNetworkSet, parseAddress } from '../../core/address.ts'
import { BoundedCache } from '../../core/bounded-cache.ts'
import { type Decision, next, type Refusal, refuse } from '../../core/decision.ts'
import type { Hooks } from '../../core/policy.ts'
import type { ProblemCodes } from '../../core/problems.ts'
import type { IpAccessOptions } from './options.ts'

export const ipAccessCodes = {
  ip_access_denied: {
    public: 'forbidden',
    meaning: 'The client address is not in `allow`, or is in `deny`; behind a proxy, check `trustProxies` first.',
  },
  ip_access_hidden: {
    public: 'not_found',
    meaning: 'As `ip_access_denied`, on a route that hides itself with `status: hidden`.',
  },
} as const satisfies ProblemCodes

/** Addresses whose decision is kept, per route and worker. */
const cachedAddresses = 4096

/** Decides by the client's address; what cannot be read as an address is refused. */
export function createIpAccess(options: IpAccessOptions): Hooks {
  const check = createAddressCheck(options)
  const decisions = new BoundedCache<Decision>({ maxEntries: cachedAddresses, maxKeyLength: cachedAddresses * 64 })
  return {
    guard(exchange) {
      const text = exchange.client.address
      let decision = decisions.get(text)
      if (decision === undefined) {
        decision = check(text)
        decisions.set(text, decision)
      }
      return decision
    },
  }
}

/** The decision for an address as text; it depends on nothing else. */
export function createAddressCheck(options: IpAccessOptions): (text: string) => Decision {
  const allow = createNetworkSet(options.allow)
  const deny = createNetworkSet(options.deny)
  const code = options.status === 'hidden' ? 'ip_access_hidden' : 'ip_access_denied'
  const refusals: Record<'unreadable' | 'denied' | 'unlisted', Refusal> = {
    unreadable: refuse(code, 'the client address cannot be read'),
    denied: refuse(code, 'the address is in `deny`'),
    unlisted: refuse(code, 'the address is not in `allow`'),
  }
  return (text) => {
    const address = parseAddress(text)
    if (address === null) return refusals.unreadable
    if (deny.includes(address)) return refusals.denied
    if (allow.size > 0 && !allow.includes(address)) return refusals.unlisted
    return next
  }
}
