import { z } from 'zod'
import { duration } from '../../core/option-types.ts'

export const options = z.strictObject({
  tenant: z
    .string()
    .min(1)
    .max(200)
    .optional()
    .describe('Whose accounts these are. Default: those that belong to no tenant.'),
  realm: z
    .string()
    .regex(/^[A-Za-z0-9 ._-]{1,64}$/, { error: 'letters, digits, spaces, dots, dashes and underscores only' })
    .default('api')
    .describe('What the challenge (`WWW-Authenticate`) calls the protected area.'),
  cacheLifetime: duration({ max: '5m' })
    .prefault('60s')
    .describe(
      'How long a password that was right is not hashed again. A new password, and disabling or removing the account, ' +
        'end it at once. `0s` hashes for every request. Up to 5m.',
    ),
  onFailure: z
    .literal('refuse')
    .default('refuse')
    .describe('When the store cannot be used, callers are refused (503): whoever cannot be checked is not let in.'),
})

export type BasicOptions = z.output<typeof options>
