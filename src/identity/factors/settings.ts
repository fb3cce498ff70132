import { z } from 'zod'
import { duration } from '../../core/option-types.ts'

/** Options of second factors, in the block `identity`. */
export const factorOptions = {
  secondFactor: z
    .enum(['optional', 'required', 'off'])
    .default('optional')
    .describe(
      '`optional`: people choose to have one, and are asked for it then. `required`: who has none enrols one when logging ' +
        'in, before anything is issued. `off`: none is asked for.',
    ),
  rememberDevices: z
    .union([z.literal('off'), duration({ min: '1h', max: '90d' })])
    .prefault('30d')
    .describe('How long a browser may be remembered, in which the second factor is not asked for; or `off`.'),
}
