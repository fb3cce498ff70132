import { z } from 'zod'
import { cidr } from '../../core/option-types.ts'

const networks = () => z.array(cidr()).max(100_000)

export const ipAccessOptions = z
  .strictObject({
    allow: networks()
      .default([])
      .describe('Networks that may call. Where it is not empty, every other address is refused.'),
    deny: networks().default([]).describe('Networks that may not call, even where `allow` names them.'),
    status: z
      .enum(['forbidden', 'hidden'])
      .default('forbidden')
      .describe('`hidden` answers as if there were nothing here (404), so that scanners do not learn of the route.'),
  })
  .refine(({ allow, deny }) => allow.length + deny.length > 0, {
    error: 'name at least one network under `allow` or `deny`',
  })

export type IpAccessOptions = z.output<typeof ipAccessOptions>
