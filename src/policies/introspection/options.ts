import { z } from 'zod'
import { duration, secretReference } from '../../core/option-types.ts'
import { claimOptions } from '../claim-options.ts'
import { issuerName } from '../issuer-name.ts'
import { bound } from '../required-binding.ts'

const reason = z.strictObject({ reason: z.string().min(1).describe('Why this is safe here.') })
const text = z.string().min(1).max(2048)

const client = z
  .strictObject({
    id: text.describe('The `client_id` under which Portcullis asks.'),
    method: z
      .enum(['basic', 'post', 'privateKeyJwt'])
      .default('basic')
      .describe('How it proves who it is: its secret in a header or in the body, or a JWT signed with its key.'),
    secret: secretReference().optional().describe('Its secret, for `basic` and `post`.'),
    key: secretReference().optional().describe('Its private key (PEM or JWK), for `privateKeyJwt`.'),
    audience: text.optional().describe('What `aud` of that JWT is. Default: the issuer.'),
  })
  .superRefine(({ method, secret, key }, context) => {
    const [needed, other] = method === 'privateKeyJwt' ? ['key', 'secret'] : ['secret', 'key']
    const given = { secret, key } as Readonly<Record<string, string | undefined>>
    if (given[needed as string] === undefined) {
      context.addIssue({ code: 'custom', path: [needed as string], message: `\`${method}\` needs it` })
    }
    if (given[other as string] !== undefined) {
      context.addIssue({ code: 'custom', path: [other as string], message: `\`${method}\` does not use it` })
    }
  })

export const options = z
  .strictObject({
    issuer: issuerName().describe('Whose tokens these are: what `iss` must be where an answer has it.'),
    endpoint: text.optional().describe('Where it answers for its tokens (RFC 7662). Without it, discovery finds out.'),
    client: client.describe('As whom Portcullis asks.'),
    audience: z
      .union([text, z.array(text).min(1).max(32)])
      .transform((audience) => (typeof audience === 'string' ? [audience] : audience))
      .optional()
      .describe('What `aud` of an answer must hold; of several, one. Without it, tokens for other APIs work here too.'),
    tokens: z
      .enum(['opaque', 'all'])
      .default('opaque')
      .describe(
        'Which bearer tokens are asked for: those that are not in the form of a JWT, or all. `all` excludes `jwt`.',
      ),
    bound,
    lifetime: duration({ max: '10m' })
      .prefault('30s')
      .describe('How long an answer is used: a token that its issuer revokes works on for so long.'),
    negativeLifetime: duration({ max: '1m' })
      .prefault('5s')
      .describe('How long a token that is not good is not asked for again.'),
    onFailure: z
      .enum(['refuse', 'cached'])
      .default('refuse')
      .describe('While the issuer cannot be asked: refuse, or use answers for `maxStale` more.'),
    maxStale: duration({ max: '1h' })
      .prefault('1m')
      .describe('How much longer than `lifetime`, with `onFailure: cached`.'),
    clockTolerance: duration({ max: '5m' }).prefault('30s').describe('By how much the clocks may differ.'),
    maxConcurrent: z.int().min(1).max(1000).default(32).describe('Questions that are open at once, per thread.'),
    timeout: duration({ min: '100ms', max: '8s' }).prefault('3s').describe('How long one question may take.'),
    realm: z
      .string()
      .regex(/^[A-Za-z0-9 ._-]{1,64}$/, { error: 'letters, digits, spaces, dots, dashes and underscores only' })
      .default('api')
      .describe('What the challenge (`WWW-Authenticate`) calls the protected area.'),
    ...claimOptions,
    allowPrivateAddress: reason.optional().describe('Lets the issuer be on a loopback or private address.'),
    allowPlainHttp: reason
      .optional()
      .describe('Lets questions go over plain HTTP, where tokens can be read on the way.'),
  })
  .superRefine(({ issuer, endpoint, allowPlainHttp }, context) => {
    const key = endpoint === undefined ? 'issuer' : 'endpoint'
    const url = URL.parse(endpoint ?? issuer)
    const complain = (message: string) => context.addIssue({ code: 'custom', path: [key], message })
    if (url === null || !/^https?:$/.test(url.protocol)) complain('must be a URL, or `endpoint` must be given')
    else if (url.username !== '' || url.password !== '') complain('must not hold a user name or password')
    else if (url.protocol === 'http:' && allowPlainHttp === undefined) {
      complain('must begin with https:// (see allowPlainHttp)')
    }
  })

export type IntrospectionOptions = z.output<typeof options>
