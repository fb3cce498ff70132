import { z } from 'zod'
import { duration, secretReference } from '../../core/option-types.ts'
import { algorithms, defaultAlgorithms } from '../../crypto/tokens/algorithms.ts'
import { claimOptions } from '../claim-options.ts'
import { issuerName } from '../issuer-name.ts'

const reason = z.strictObject({ reason: z.string().min(1).describe('Why this is safe here.') })

/** One issuer of tokens, as it stands under `issuers`. */
export const issuerOptions = z
  .strictObject({
    issuer: issuerName().describe('What the claim `iss` must be, character by character.'),
    audience: z
      .union([z.string().min(1), z.array(z.string().min(1)).min(1).max(32)])
      .transform((audience) => (typeof audience === 'string' ? [audience] : audience))
      .describe('What the claim `aud` must hold; of several, one.'),
    jwksUrl: z
      .string()
      .optional()
      .describe('Where the issuer publishes its keys. Without it and without `keys`, discovery finds out.'),
    keys: z
      .union([secretReference(), z.array(secretReference()).min(1).max(20)])
      .transform((keys) => (typeof keys === 'string' ? [keys] : keys))
      .optional()
      .describe('Keys that do not change: references to JWKS, JWK or PEM (public key or certificate) texts.'),
    algorithms: z
      .array(z.enum(algorithms))
      .min(1)
      .default([...defaultAlgorithms])
      .describe('Signature algorithms that are accepted. Symmetric ones and `none` never are.'),
    types: z
      .array(z.string().min(1).max(64))
      .min(1)
      .default(['at+jwt', 'JWT'])
      .transform((types) => types.map((type) => type.toLowerCase()))
      .describe('Values of the header `typ` that are accepted; `absent` stands for a token without one.'),
    clockTolerance: duration({ max: '5m' })
      .prefault('30s')
      .describe('By how much the clocks of the issuer and of this machine may differ.'),
    maxTokenAge: duration({ min: '1s' }).optional().describe('Refuses tokens that were issued (`iat`) longer ago.'),
    ...claimOptions,
    keysMaxAge: duration({ min: '10s', max: '24h' })
      .prefault('10m')
      .describe('How long fetched keys are used: a key that the issuer withdraws is honoured no longer than this.'),
    keysMaxStale: duration({ max: '24h' })
      .prefault('1h')
      .describe('How much longer they are used while the issuer cannot be reached (`onFailure: local`).'),
    onFailure: z
      .enum(['local', 'refuse'])
      .default('local')
      .describe('While the issuer cannot be reached: use the keys at hand for `keysMaxStale`, or refuse.'),
    refreshCooldown: duration({ min: '1s', max: '10m' })
      .prefault('30s')
      .describe('The least time between two fetches that tokens with unknown keys set off.'),
    timeout: duration({ min: '100ms', max: '30s' }).prefault('4s').describe('How long one fetch from it may take.'),
    allowPrivateAddress: reason.optional().describe('Lets the issuer be on a loopback or private address.'),
    allowPlainHttp: reason
      .optional()
      .describe('Lets keys come over plain HTTP, where they can be exchanged on the way.'),
  })
  .superRefine((options, context) => {
    const problem = findProblem(options)
    if (problem !== null) context.addIssue({ code: 'custom', path: [problem.key], message: problem.message })
  })

export type IssuerOptions = z.output<typeof issuerOptions>

/** An issuer as it is believed: one of the file, or the identity server beside us, whose keys are in our store. */
export type BelievedIssuer = IssuerOptions & {
  readonly own?: true
  /** Of a tenant of it: believed only on routes that name it. */
  readonly ofTenant?: string
}

export const issuersBlock = z
  .record(
    z
      .string()
      .regex(/^[A-Za-z][A-Za-z0-9_-]{0,63}$/, { error: 'not a name such as main or partner-2' })
      .refine((name) => name !== 'portcullis', { error: '`portcullis` stands for its own keys and accounts' }),
    issuerOptions,
  )
  .superRefine((issuers, context) => {
    const seen = new Map<string, string>()
    for (const [name, { issuer, audience }] of Object.entries(issuers)) {
      for (const each of audience) {
        const key = JSON.stringify([issuer, each])
        const other = seen.get(key)
        if (other === undefined) seen.set(key, name)
        else
          context.addIssue({ code: 'custom', path: [name], message: `"${other}" names this issuer and audience too` })
      }
    }
  })
  .describe('Whose tokens are believed, by the names that `jwt` uses.')

export type IssuersBlock = Readonly<Record<string, BelievedIssuer>>

interface UrlRules {
  readonly issuer: string
  readonly jwksUrl?: string | undefined
  readonly keys?: readonly string[] | undefined
  readonly allowPlainHttp?: unknown
}

/** Never repeats an address: it may hold a password. */
function findProblem(options: UrlRules): { key: 'issuer' | 'jwksUrl'; message: string } | null {
  if (options.keys !== undefined) {
    return options.jwksUrl === undefined ? null : { key: 'jwksUrl', message: 'either `keys` or `jwksUrl`, not both' }
  }
  const key = options.jwksUrl === undefined ? 'issuer' : 'jwksUrl'
  const url = URL.parse(options.jwksUrl ?? options.issuer)
  if (url === null || !/^https?:$/.test(url.protocol)) return { key, message: 'must be a URL, or `keys` must be given' }
  if (url.username !== '' || url.password !== '') return { key, message: 'must not hold a user name or password' }
  if (url.protocol === 'https:' || options.allowPlainHttp !== undefined) return null
  return { key, message: 'must begin with https:// (see allowPlainHttp)' }
}
