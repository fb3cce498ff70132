import { z } from 'zod'
import { duration } from '../../core/option-types.ts'
import { algorithms, defaultAlgorithms } from '../../crypto/tokens/algorithms.ts'

const origin = z
  .string()
  .refine((text) => URL.canParse(text) && /^https?:$/.test(new URL(text).protocol) && new URL(text).origin === text, {
    error: 'not an origin such as https://api.example.com, without a path',
  })

export const options = z.strictObject({
  required: z
    .boolean()
    .default(false)
    .describe(
      'Refuses callers whose credential is not bound to a key. Those whose credential is must always prove it.',
    ),
  algorithms: z
    .array(z.enum(algorithms))
    .min(1)
    .default([...defaultAlgorithms])
    .describe('Signature algorithms of proofs that are accepted.'),
  maxAge: duration({ min: '1s', max: '10m' })
    .prefault('60s')
    .describe('How old a proof may be. For so long each one is remembered, so that it works once.'),
  clockTolerance: duration({ max: '5m' })
    .prefault('10s')
    .describe('By how much the clocks of clients and of this machine may differ.'),
  nonce: z
    .enum(['off', 'required'])
    .default('off')
    .describe('`required`: proofs hold a nonce of this deployment, which ends proofs that were made in advance.'),
  origins: z
    .array(origin)
    .min(1)
    .max(32)
    .optional()
    .describe('By which origins clients call this API. Default: the scheme and host of the request.'),
})

export type DpopOptions = z.output<typeof options>
