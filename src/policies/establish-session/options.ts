import { z } from 'zod'
import { trustedOrigin } from '../../core/trusted-origin.ts'

export const options = z.strictObject({
  trustedOrigins: z
    .array(trustedOrigin())
    .max(50)
    .default([])
    .describe(
      'Origins beside our own whose pages may log in here, such as an identity provider that posts its answer ' +
        '(`response_mode=form_post`).',
    ),
  clearSiteData: z
    .boolean()
    .default(false)
    .describe('When a session ends, the browser forgets what it stored and cached of this site (`Clear-Site-Data`).'),
})

export type EstablishSessionOptions = z.output<typeof options>
