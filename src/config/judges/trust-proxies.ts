import { createNetworkSet } from '../../core/address.ts'
import type { ClientOptions } from '../../core/client.ts'
import { byKeys, byWeakness, type Judge, unjudged } from '../../core/judge.ts'

/** A network that lay within the others before is no wider trust, and one that is covered still is no narrower. */
const judgeNetworks: Judge<readonly string[]> = (before, after) => {
  const [then, now] = [createNetworkSet(before), createNetworkSet(after)]
  const fresh = after.filter((network) => !then.covers(network))
  const gone = before.filter((network) => !now.covers(network))
  return [
    ...fresh.map((one) => ({ effect: 'weakens', path: [], text: `${one} is believed now` }) as const),
    ...gone.map((one) => ({ effect: 'tightens', path: [], text: `${one} is no longer believed` }) as const),
  ]
}

/** What a change of who may say on whose behalf a request comes means. */
export const judgeTrustProxies = byKeys<ClientOptions>({
  trustProxies: ['networks', judgeNetworks],
  // Right where the proxies write the new one; otherwise callers do.
  forwardingHeader: ['header', unjudged],
  // A longer prefix gives one subscriber more identities.
  ipv6Prefix: byWeakness<number>((bits) => bits),
})
