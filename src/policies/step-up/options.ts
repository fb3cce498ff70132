import { z } from 'zod'
import { duration } from '../../core/option-types.ts'

const level = z.string().regex(/^[\x21\x23-\x5b\x5d-\x7e]{1,100}$/, { error: 'not a level such as aal2' })

export const options = z
  .strictObject({
    acr: z
      .union([level, z.array(level).min(1).max(10)])
      .transform((acr) => (typeof acr === 'string' ? [acr] : acr))
      .optional()
      .describe(
        'How strongly the caller must have logged in: what `acr` in their token says, one of these. The identity server ' +
          'knows `aal1` and `aal2` (two factors), which is enough where `aal1` is.',
      ),
    maxAge: duration({ min: '10s', max: '365d' })
      .optional()
      .describe('How long ago that may be, by `auth_time`. A credential that does not say when is too old.'),
  })
  .refine(({ acr, maxAge }) => acr !== undefined || maxAge !== undefined, {
    error: 'ask for `acr`, for `maxAge`, or for both',
  })

export type StepUpOptions = z.output<typeof options>
