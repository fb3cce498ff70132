import { z } from 'zod'
import { byteSize, duration, secretReference } from '../../core/option-types.ts'
import { algorithms } from './algorithms.ts'

const names = (what: string) => z.array(z.string().min(1).max(256)).max(256).default([]).describe(what)

const key = z
  .strictObject({
    keyId: z
      .string()
      .regex(/^[\x20-\x7e]{1,256}$/, { error: 'must be printable ASCII' })
      .describe('What callers name the key by (`keyid`).'),
    algorithm: z
      .enum(algorithms)
      .describe('The one algorithm that the key signs with. What a signature says of it has to agree.'),
    secret: secretReference().optional().describe('For `hmac-sha256`: the shared secret, 32 bytes or more.'),
    secretEncoding: z
      .enum(['text', 'base64', 'hex'])
      .default('text')
      .describe('How the secret is written: its bytes are the text’s, or are encoded in it.'),
    publicKey: secretReference().optional().describe('For the other algorithms: the public key, PEM or a JWK.'),
    id: z.string().min(1).max(256).describe('Who is calling.'),
    tenant: z.string().min(1).max(256).nullable().default(null).describe('The tenant, if there are tenants.'),
    roles: names('The roles that it has.'),
    scopes: names('The scopes that it has.'),
  })
  .superRefine(({ algorithm, secret, publicKey }, context) => {
    const [wanted, other] = algorithm === 'hmac-sha256' ? ['secret', 'publicKey'] : ['publicKey', 'secret']
    const given = { secret, publicKey }
    if (given[wanted as 'secret'] === undefined) {
      context.addIssue({ code: 'custom', path: [wanted as string], message: `${algorithm} needs a \`${wanted}\`` })
    }
    if (given[other as 'secret'] !== undefined) {
      context.addIssue({ code: 'custom', path: [other as string], message: `${algorithm} has no \`${other}\`` })
    }
  })

export const httpSignatureOptions = z.strictObject({
  keys: z
    .array(key)
    .min(1)
    .max(10_000)
    .refine((keys) => new Set(keys.map(({ keyId }) => keyId)).size === keys.length, {
      error: 'two keys have the same `keyId`',
    })
    .describe('The keys that callers sign with, and whom each stands for.'),
  components: z
    .array(
      z.string().regex(/^[@a-z0-9!#$%&'*+.^_`|~-]+$/, { error: 'a component in lower case, such as content-type' }),
    )
    .max(32)
    .default(['@method', '@target-uri'])
    .describe(
      'What a signature must cover at least. `@authority`, `@path` and `@query` together stand for `@target-uri`. A body ' +
        'needs `content-digest` in any case.',
    ),
  tag: z
    .string()
    .regex(/^[\x20-\x7e]{1,128}$/, { error: 'must be printable ASCII' })
    .optional()
    .describe('The `tag` of signatures that are meant for this API. Default: those without one.'),
  maxAge: duration({ min: '1s', max: '1h' })
    .prefault('5m')
    .describe('How long after it was made a signature holds. Between 1s and 1h.'),
  clockSkew: duration({ max: '5m' }).prefault('30s').describe('How far the clocks of callers may be off. Up to 5m.'),
  nonce: z
    .enum(['optional', 'required'])
    .default('optional')
    .describe('Whether a signature needs a `nonce`. Without one, the same request twice within a second is a replay.'),
  replay: z
    .enum(['refuse', 'allow'])
    .default('refuse')
    .describe(
      '`refuse` takes each signed request once, on all threads. `allow` takes it as often as it comes in time.',
    ),
  maxBody: byteSize({ min: '1KiB', max: '8MiB' })
    .prefault('1MiB')
    .describe('The largest signed body: it is held until its digest is known. Between 1KiB and 8MiB.'),
})

export type HttpSignatureOptions = z.output<typeof httpSignatureOptions>
export type SignatureKeyOptions = HttpSignatureOptions['keys'][number]
