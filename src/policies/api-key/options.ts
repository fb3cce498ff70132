import { z } from 'zod'
import { duration, fieldName } from '../../core/option-types.ts'
import { apiKeyPrefix } from '../../crypto/api-key.ts'

/** Fields with a meaning of their own, which other parts read and write. */
const reserved = ['authorization', 'proxy-authorization', 'cookie', 'host', 'content-length', 'connection']

const environment = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,31}$/, {
  error: 'the name of an environment: letters, digits, `.`, `_` and `-`, 32 at most',
})

const foreign = z.strictObject({
  prefixes: z
    .array(
      z
        .string()
        .regex(/^[!-~]{2,64}$/, { error: 'what keys begin with: 2 to 64 characters without spaces' })
        .refine((prefix) => !prefix.startsWith(apiKeyPrefix), {
          error: `"${apiKeyPrefix}" begins keys that Portcullis made, which are read without this`,
        }),
    )
    .max(16)
    .prefault([])
    .describe(
      'What these keys begin with. Without any, whatever stands in `headers` or `query` is looked up; `bearer` takes only ' +
        'what begins with one of them.',
    ),
  minLength: z
    .int()
    .min(16)
    .max(256)
    .default(20)
    .describe('Shorter texts are never looked up. Longer ones than 256 characters neither.'),
})

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
    environments: z
      .array(environment)
      .min(1)
      .max(16)
      .optional()
      .describe(
        'Which keys are taken, by their environment, such as `[live]`. Others are refused, and so are keys without one. ' +
          'Default: all.',
      ),
    foreign: foreign
      .optional()
      .describe(
        'Takes keys that another system made and `portcullis keys import` brought over. They have no checksum, so that ' +
          'every text of that form costs a look-up by its SHA-256.',
      ),
    expiryWarning: duration({ max: '90d' })
      .prefault('14d')
      .describe(
        'How long before its end the use of a key is counted and, once an hour, logged (`api_key_ends_soon`). Keys whose ' +
          'whole life is no longer than this are passed over. `0s` for never.',
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
export type ForeignKeys = z.output<typeof foreign>
