import { z } from 'zod'
import { bound } from '../required-binding.ts'

export const options = z.strictObject({
  issuers: z
    .array(z.string())
    .min(1)
    .optional()
    .describe(
      'Names of the issuers (from the block `issuers`, or resources of `identity`) whose tokens are accepted here. Default: all ' +
        'of them but those of tenants, which only a route that names them accepts.',
    ),
  bound,
  realm: z
    .string()
    .regex(/^[A-Za-z0-9 ._-]{1,64}$/, { error: 'letters, digits, spaces, dots, dashes and underscores only' })
    .default('api')
    .describe('What the challenge (`WWW-Authenticate`) calls the protected area.'),
})

export type JwtOptions = z.output<typeof options>
