import { z } from 'zod'
import type { AnyPolicy } from '../../core/policy.ts'
import { basePath, documentFile } from '../../openapi/options.ts'
import { createLayerShape } from './defaults.ts'
import { guarded } from './delegate.ts'
import { routeHost } from './host.ts'
import { reasonText } from './reason.ts'

const method = guarded(
  z.string().regex(/^[A-Z][A-Z-]{0,31}$/, { error: 'must be a method in upper case, such as GET' }),
  (value) => (value === 'CONNECT' || value === 'TRACE' ? { message: `${value} is never passed on` } : null),
)

/** One route, as written. Its path patterns are judged later, together with those of other routes. */
export function createRouteSchema(policies: readonly AnyPolicy[]) {
  return z.strictObject({
    path: z
      .string()
      .optional()
      .describe('The pattern: `/orders/{id}` (one segment), `/files/{path*}` or `/files/**` (the rest).'),
    paths: z
      .array(z.string())
      .min(1)
      .optional()
      .describe('Several patterns that are treated alike, instead of `path`.'),
    openapi: documentFile()
      .optional()
      .describe('An OpenAPI document, instead of `path`: one route for each operation that no other route is for.'),
    basePath: basePath()
      .optional()
      .describe("With `openapi`: what stands before the document's paths. Default: the path of its first server."),
    securitySchemes: z
      .record(z.string(), z.string())
      .optional()
      .describe('With `openapi`: which credential takes the place of each security scheme of the document.'),
    methods: z
      .array(method)
      .min(1)
      .optional()
      .describe('Which methods. HEAD follows GET. Without it: every method but CONNECT and TRACE.'),
    hosts: z
      .array(routeHost())
      .min(1)
      .optional()
      .describe('For which host names: exact, or `*.example.com`. Without it: every host.'),
    upstream: z.string().optional().describe('The name of the upstream that answers.'),
    stripPrefix: z.string().optional().describe('The beginning of the path that the upstream does not get to see.'),
    preserveHost: z
      .boolean()
      .default(false)
      .describe('Whether the upstream gets the `Host` that the client sent instead of its own.'),
    access: z.literal('public').optional().describe('Lets anyone call, without a credential. Needs a `reason`.'),
    reason: reasonText().optional().describe('Why the route is public.'),
    allow: z
      .strictObject({
        encodedSlash: z
          .boolean()
          .default(false)
          .describe('Lets `%2F` in paths pass, which servers read differently. Unsafe with most upstreams.'),
        upstreamErrors: z
          .boolean()
          .default(false)
          .describe('Lets bodies of 5xx answers pass, which may hold stack traces and queries.'),
      })
      .prefault({})
      .describe('What is refused elsewhere.'),
    ...createLayerShape(policies),
  })
}

export type RouteInput = z.output<ReturnType<typeof createRouteSchema>>
