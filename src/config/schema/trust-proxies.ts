import { z } from 'zod'
import { cidr } from '../../core/option-types.ts'

const networks = z.array(cidr())

const detailed = z.strictObject({
  networks: networks.default([]).describe('Networks whose forwarding header is believed.'),
  header: z
    .enum(['x-forwarded-for', 'forwarded'])
    .default('x-forwarded-for')
    .describe('The one header that those proxies write. The others may come from an attacker and are ignored.'),
  ipv6Prefix: z
    .int()
    .min(16)
    .max(128)
    .default(64)
    .describe('How much of an IPv6 address is one client: a subscriber commonly holds a whole /64.'),
})

/** Who may say on whose behalf a request comes. */
export const trustProxiesBlock = z
  .union([networks, detailed])
  .transform((value) => {
    const { networks: trusted, header, ipv6Prefix } = Array.isArray(value) ? detailed.parse({ networks: value }) : value
    return { trustProxies: trusted, forwardingHeader: header, ipv6Prefix }
  })
  .prefault([])
  .describe('Proxies in front of Portcullis: a list of networks, or more detail.')
