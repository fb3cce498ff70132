import { z } from 'zod'
import { duration } from '../../core/option-types.ts'

const path = () => z.string().regex(/^(?:\/[A-Za-z0-9._~-]+)+$/, { error: 'not a plain path such as /logout' })

export const options = z.strictObject({
  cacheLifetime: duration({ max: '5m' })
    .prefault('30s')
    .describe(
      'How long a session is believed without asking the store again. Revocations and renewals end it at once. ' +
        '`0s` asks for every request. Up to 5m.',
    ),
  logout: z
    .strictObject({
      path: path().describe('Where a POST ends the session of whoever sends it.'),
      next: z
        .string()
        .regex(/^\/(?![/\\])[!-~]*$/, { error: 'a path of this host, such as /' })
        .optional()
        .describe('The path that the browser is sent to then (303). Default: an empty answer (204).'),
      clearSiteData: z
        .boolean()
        .default(false)
        .describe('Also has the browser forget what it stored and cached of this site (`Clear-Site-Data`).'),
    })
    .optional()
    .describe('Brings a route that logs out, for pages of the same origin only; to be set under `defaults`.'),
  onFailure: z
    .literal('refuse')
    .default('refuse')
    .describe('When the store cannot be read, callers are refused (503): whoever cannot be checked is not let in.'),
})

export type SessionOptions = z.output<typeof options>
