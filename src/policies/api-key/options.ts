import { z } from 'zod'
import { duration, fieldName } from '../../core/option-types.ts'

/** Fields with a meaning of their own, which other parts read and write. */
const reserved = ['authorization', 'proxy-authorization', 'cookie', 'host', 'content-length', 'connection']

export const options = z
  .strictObject({
    bearer: z
      .boolean()
      .default(true)
      .describe('Reads keys from `Authorization: Bearer`. Tokens that are not keys are left to other policies.'),
    headers: z
      .array(
        fieldName().refine((name) => !reserved.includes(name), {
          error: (issue) => `"${String(issue.input)}" has a meaning of its own and cannot carry keys`,
        }),
      )
      .max(4)
      .prefault(['x-api-key'])
      .describe('Fields that hold a key and nothing else.'),
    query: z
      .string()
      .regex(/^[A-Za-z0-9_.~-]{1,64}$/, { error: 'the name of a query parameter: letters, digits, `_`, `.`, `~`, `-`' })
      .optional()
      .describe(
        'A query parameter that may hold a key, for callers that cannot set fields. It is taken out before anything ' +
          'is logged or forwarded here, but URLs are also kept by browsers, proxies and whoever they are sent to.',
      ),
    cacheLifetime: duration({ max: '5m' })
      .prefault('30s')
      .describe(
        'How long a key is believed without asking the store again. Revocations and rotations end it at once; ' +
          'the only thing that waits for it is a row that was changed by hand. `0s` asks for every request. Up to 5m.',
      ),
    onFailure: z
      .literal('refuse')
      .default('refuse')
      .describe('When the store cannot be read, callers are refused (503): whoever cannot be checked is not let in.'),
  })
  .refine(({ bearer, headers, query }) => bearer || headers.length > 0 || query !== undefined, {
    error: 'name a place that keys come in: `bearer: true`, `headers` or `query`',
  })

export type ApiKeyOptions = z.output<typeof options>
