import { z } from 'zod'
import { duration, fieldName } from '../../core/option-types.ts'
import { parseCsp } from './content-security-policy.ts'

const oneYearMs = 365 * 24 * 3_600_000

const csp = () =>
  z.string().superRefine((text, context) => {
    const parsed = text === 'off' ? null : parseCsp(text)
    if (parsed !== null && 'problem' in parsed) context.addIssue({ code: 'custom', message: parsed.problem as string })
  })

const line = (what: string) => z.string().regex(/^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/, { error: what })

const strictTransportSecurity = z.union([
  z.enum(['off', 'upstream']),
  z
    .strictObject({
      maxAge: duration().prefault('730d').describe('How long browsers use HTTPS only. Default 730d.'),
      includeSubDomains: z.boolean().default(true).describe('Also for every host below this one.'),
      preload: z
        .boolean()
        .default(false)
        .describe(
          'Allows browsers to ship the domain in their list. That is hard to take back: it takes months until every ' +
            'browser forgets, and until then no host below the domain can be reached over plain HTTP.',
        ),
    })
    .refine(({ preload, maxAge, includeSubDomains }) => !preload || (maxAge >= oneYearMs && includeSubDomains), {
      error: 'the preload list asks for a `maxAge` of at least 365d and `includeSubDomains: true`',
    }),
])

export const securityHeadersOptions = z.strictObject({
  profile: z
    .enum(['strict', 'html', 'legacy'])
    .default('strict')
    .describe(
      'Where the values come from that are not given: `strict` for answers that are data, `html` for pages, ' +
        '`legacy` as `strict` with `X-XSS-Protection: 1; mode=block` for old browsers.',
    ),
  contentSecurityPolicy: csp().optional().describe('`Content-Security-Policy`, or `off` for none of ours.'),
  upstreamContentSecurityPolicy: z
    .enum(['both', 'replace', 'prefer'])
    .default('both')
    .describe(
      "An upstream's own policy: `both` sends it beside ours, and browsers enforce the stricter of each; `replace` " +
        'drops it; `prefer` sends it instead of ours.',
    ),
  contentSecurityPolicyReportOnly: csp()
    .optional()
    .describe('A policy to try out: browsers report what it would block (see `reportPath`) and block nothing.'),
  reportPath: z
    .string()
    .regex(/^\/[A-Za-z0-9._~/-]*$/, { error: 'a path of letters, digits and . _ ~ - /' })
    .optional()
    .describe(
      'Where browsers send reports of violations. Portcullis answers this path itself, logs and counts the reports.',
    ),
  strictTransportSecurity: strictTransportSecurity
    .prefault({})
    .describe('`Strict-Transport-Security`, sent over HTTPS only; `off` or `upstream`.'),
  contentTypeOptions: z.enum(['nosniff', 'off', 'upstream']).optional().describe('`X-Content-Type-Options`.'),
  frameOptions: z
    .enum(['DENY', 'SAMEORIGIN', 'off', 'upstream'])
    .optional()
    .describe(
      '`X-Frame-Options`. Browsers follow `frame-ancestors` of the Content-Security-Policy where there is one.',
    ),
  referrerPolicy: z
    .enum([
      'no-referrer',
      'same-origin',
      'strict-origin',
      'strict-origin-when-cross-origin',
      'origin',
      'origin-when-cross-origin',
      'no-referrer-when-downgrade',
      'unsafe-url',
      'off',
      'upstream',
    ])
    .optional()
    .describe('`Referrer-Policy`.'),
  permissionsPolicy: line('a policy such as camera=(), geolocation=(self)')
    .optional()
    .describe('`Permissions-Policy`, `off` or `upstream`.'),
  crossOriginOpenerPolicy: z
    .enum(['same-origin', 'noopener-allow-popups', 'same-origin-allow-popups', 'unsafe-none', 'off', 'upstream'])
    .optional()
    .describe('`Cross-Origin-Opener-Policy`.'),
  crossOriginResourcePolicy: z
    .enum(['same-origin', 'same-site', 'cross-origin', 'off', 'upstream'])
    .optional()
    .describe('`Cross-Origin-Resource-Policy`: who may embed the answer without CORS.'),
  crossOriginEmbedderPolicy: z
    .enum(['require-corp', 'credentialless', 'unsafe-none', 'off', 'upstream'])
    .optional()
    .describe('`Cross-Origin-Embedder-Policy`.'),
  crossDomainPolicies: z
    .enum(['none', 'master-only', 'by-content-type', 'all', 'off', 'upstream'])
    .optional()
    .describe('`X-Permitted-Cross-Domain-Policies`, for plug-ins and PDF readers.'),
  xssProtection: z
    .enum(['0', '1; mode=block', 'off', 'upstream'])
    .optional()
    .describe('`X-XSS-Protection`, which only old browsers read.'),
  cacheControl: line('a value such as no-store')
    .optional()
    .describe('`Cache-Control` of answers that bring none (304 excepted), or `off`.'),
  authenticatedCaching: z
    .enum(['private', 'upstream'])
    .default('private')
    .describe(
      "An upstream's own `Cache-Control` on answers to an authenticated caller: `private` keeps shared caches from " +
        'storing them, `upstream` leaves the field as it is, so that one caller may get what was made for another.',
    ),
  removeHeaders: z
    .array(fieldName())
    .prefault([])
    .describe('Answer fields that are removed beside those that name products and versions (`Server` and the like).'),
  keepHeaders: z.array(fieldName()).prefault([]).describe('Fields that would be removed and are kept.'),
})

export type SecurityHeadersOptions = z.output<typeof securityHeadersOptions>
