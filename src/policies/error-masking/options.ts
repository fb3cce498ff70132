import { z } from 'zod'

export const options = z.strictObject({
  replace: z
    .enum(['leaks', 'all'])
    .default('leaks')
    .describe(
      'Which 4xx bodies of the upstream or the application are replaced: those that hold stack traces, database errors, ' +
        'file paths or debug pages, or `all` but problems (`application/problem+json`) without them.',
    ),
})

export type ErrorMaskingOptions = z.output<typeof options>
