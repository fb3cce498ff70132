import { z } from 'zod'
import { duration, fieldName } from '../../core/option-types.ts'

/** Fields that mean something else to every server. */
const reserved = new Set([
  'host',
  'connection',
  'content-length',
  'content-type',
  'cookie',
  'expect',
  'forwarded',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
])

export const options = z.strictObject({
  header: fieldName()
    .refine((name) => !reserved.has(name) && !name.startsWith('x-forwarded-') && !name.includes('_'), {
      error: 'this field cannot carry an identity',
    })
    .prefault('portcullis-identity')
    .describe('The field that carries the token to the upstream; `authorization` sends it as a bearer token.'),
  lifetime: duration({ min: '30s', max: '5m' })
    .prefault('2m')
    .describe('How long a token holds. It is used for several requests while at least half of that is left.'),
  issuer: z.string().min(1).max(256).default('portcullis').describe('What the claim `iss` says.'),
  audience: z
    .string()
    .min(1)
    .max(256)
    .optional()
    .describe('What the claim `aud` says. Default: the name of the upstream.'),
  algorithm: z.enum(['ES256', 'EdDSA']).default('ES256').describe('How tokens are signed.'),
  jwksPath: z
    .string()
    .regex(/^(?:\/[A-Za-z0-9._~-]+)+$/, { error: 'not a plain path such as /keys.json' })
    .default('/.well-known/portcullis/jwks.json')
    .describe('Where the public keys are served; to be set under `defaults` only.'),
})

export type UpstreamIdentityOptions = z.output<typeof options>
