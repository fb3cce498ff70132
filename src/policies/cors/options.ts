import { z } from 'zod'
import { duration, fieldName } from '../../core/option-types.ts'
import { parseOrigin } from '../../core/origin.ts'

const origin = () =>
  z.string().transform((text, context): string => {
    const parsed = parseOrigin(text)
    if (typeof parsed === 'string') return parsed
    context.addIssue({ code: 'custom', message: parsed.problem })
    return z.NEVER
  })

const fields = () =>
  z.array(
    fieldName().refine((name) => name !== '*', {
      error: 'name the fields: `*` leaves out `Authorization` and means nothing where credentials are allowed',
    }),
  )

export const corsOptions = z
  .strictObject({
    origins: z
      .array(origin())
      .min(1)
      .describe(
        'Which pages may read answers: `https://app.example.com`, `https://*.example.com` for every host below ' +
          '(one label or more), or `*` for all.',
      ),
    methods: z
      .array(z.string().regex(/^[A-Z-]+$/, { error: 'a method in upper case' }))
      .min(1)
      .optional()
      .describe("Methods that a preflight grants, of those that the route serves. Default: the route's methods."),
    allowedHeaders: fields()
      .prefault(['authorization', 'content-type', 'idempotency-key', 'if-match', 'if-none-match', 'x-api-key'])
      .describe('Request fields that a page may set.'),
    exposedHeaders: fields()
      .prefault(['etag', 'link', 'location', 'ratelimit', 'ratelimit-policy', 'retry-after'])
      .describe('Answer fields that a page may read.'),
    credentials: z
      .boolean()
      .default(false)
      .describe('Lets pages send cookies and client certificates. Not together with `*` or the `null` origin.'),
    maxAge: duration({ max: '24h' })
      .prefault('10m')
      .describe('How long a browser may remember a preflight; Chromium stops at 2h. Up to 24h.'),
    enforceOrigin: z
      .enum(['unsafe', 'all', 'off'])
      .default('unsafe')
      .describe(
        'Refuses requests from pages of other origins instead of only withholding the answer: `unsafe` those that ' +
          'may change something and WebSocket handshakes, `all` also GET, HEAD and OPTIONS. Requests without ' +
          '`Origin` and those of the same origin pass.',
      ),
    privateNetwork: z
      .boolean()
      .default(false)
      .describe(
        'Answers Private Network Access preflights, by which a public page asks to reach a private address. ' +
          'Chromium 142 asks the user instead (Local Network Access) and needs nothing here.',
      ),
    unsafeAllowNullOrigin: z
      .strictObject({ reason: z.string().min(1).describe('Why this is acceptable.') })
      .optional()
      .describe(
        'Treats the origin `null` as listed. Every sandboxed frame of every site can send it, so this lets anyone in.',
      ),
  })
  .superRefine((options, context) => {
    const issue = (message: string) => context.addIssue({ code: 'custom', path: ['credentials'], message })
    if (!options.credentials) return
    if (options.origins.includes('*')) {
      issue('`credentials` with the origin `*` would give every site the answers of a logged-in user: name the origins')
    }
    if (options.unsafeAllowNullOrigin !== undefined) {
      issue('`credentials` with the `null` origin would give every site the answers of a logged-in user')
    }
  })

export type CorsOptions = z.output<typeof corsOptions>
