import { createNetworkSet } from '../../core/address.ts'
import { definePolicy } from '../../core/policy.ts'
import { createAddressCheck, createIpAccess, ipAccessCodes } from './ip-access.ts'
import { ipAccessOptions } from './options.ts'
import { createIpAccessProbes } from './probes.ts'

export const ipAccess = definePolicy({
  name: 'ip-access',
  summary: 'Lets only listed networks call, or keeps listed networks out',
  kind: 'protection',
  options: ipAccessOptions,
  codes: ipAccessCodes,
  // Both lists apply, so an allowed network outside the inherited ones could never call: say so instead.
  compose(inherited, own) {
    if (inherited.allow.length === 0 || own.allow.length === 0) return 'both'
    const outer = createNetworkSet(inherited.allow)
    return own.allow.every((network) => outer.covers(network)) ? 'both' : 'looser'
  },
  create: createIpAccess,
  admits: (options, address) => createAddressCheck(options)(address).kind === 'next',
  probes: createIpAccessProbes,
})
