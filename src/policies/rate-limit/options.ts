import { z } from 'zod'
import { fieldName, rate } from '../../core/option-types.ts'
import { rateBounds } from '../../stores/ports/rate-table.ts'

const methods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'QUERY'] as const

const part = z.union([
  z.enum(['ip', 'principal', 'tenant', 'route']),
  z.strictObject({ header: fieldName().describe('The request field whose value is counted by.') }),
])

export const rateLimitOptions = z
  .strictObject({
    limit: rate()
      .refine(({ limit }) => limit <= rateBounds.limit, { error: 'more than 10000000 per window cannot be counted' })
      .refine(({ windowMs }) => windowMs <= rateBounds.windowMs, { error: 'the window is longer than 31 days' })
      .describe('How many requests may come per window, such as `100/min`, `5/10s` or `1000/day`.'),
    per: z
      .union([part, z.array(part).min(1).max(4)])
      .transform((given): readonly LimitPart[] => (Array.isArray(given) ? given : [given]))
      .prefault('ip')
      .describe(
        'Who is counted: `ip` (IPv6 by its /64), `principal` (the address where nobody is known), `tenant`, `route` (all ' +
          'callers together), `{ header: x-tenant }`, or a list of these, each combination counted on its own.',
      ),
    burst: z
      .int()
      .min(1)
      .max(rateBounds.burst)
      .optional()
      .describe('How many of them may come at once. Default: as many as `limit` says.'),
    cost: z.int().min(1).max(rateBounds.burst).default(1).describe('How many units one request takes.'),
    methods: z
      .array(z.enum(methods))
      .min(1)
      .optional()
      .describe('Only requests with these methods are counted; GET stands for HEAD too. Default: all.'),
    scope: z
      .enum(['route', 'shared'])
      .optional()
      .describe(
        '`route` counts for this route alone, `shared` for all routes that have the same limit. ' +
          'Default: `shared` under `defaults`, `route` on a route.',
      ),
    name: z
      .string()
      .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/, {
        error: 'a name has letters, digits, `.`, `_` and `-`, and at most 64 of them',
      })
      .optional()
      .describe('What the limit is called in the answer. Default: made of `per` and the window, such as `ip-60s`.'),
    headers: z.boolean().default(true).describe('Whether answers carry `RateLimit-Policy` and `RateLimit`.'),
    onFailure: z
      .enum(['refuse', 'local', 'allow'])
      .default('local')
      .describe(
        'While the counters cannot be reached: `local` counts in the memory of this machine alone, `refuse` answers 503, ' +
          '`allow` lets everything pass.',
      ),
  })
  .refine(({ limit, burst, cost }) => cost <= (burst ?? limit.limit), {
    path: ['cost'],
    error: 'one request costs more than may ever come at once: none would pass',
  })
  .refine(({ limit, burst }) => ((burst ?? limit.limit) * limit.windowMs) / limit.limit <= rateBounds.refillMs, {
    path: ['burst'],
    error: 'at this rate, so large a burst takes longer than a year to come back',
  })

export type LimitPart = z.output<typeof part>
export type RateLimitOptions = z.output<typeof rateLimitOptions>

/** The short form: `rateLimit: 100/min`. */
export const rateLimitShorthand = z.string().transform((limit) => ({ limit }))
