import { z } from 'zod'
import { secretReference } from '../../core/option-types.ts'
import { clientGrants } from '../../stores/ports/client-store.ts'
import { legacyOptions } from '../legacy/options.ts'
import { scopeName } from '../resource-options.ts'
import { certificateOptions } from './certificate-options.ts'
import { keysOption } from './key-options.ts'
import { findRedirectProblem, isPlainHttps } from './redirect-uri.ts'

const redirectUri = z
  .string()
  .max(2000)
  .superRefine((text, context) => {
    const message = findRedirectProblem(text)
    if (message !== null) context.addIssue({ code: 'custom', message })
  })

const reason = z.strictObject({ reason: z.string().min(1).describe('Why this is safe here.') })

/** A client that the policy file names. */
export const clientOptions = z
  .strictObject({
    id: z
      .string()
      .regex(/^[A-Za-z0-9._~-]{1,100}$/, { error: 'letters, digits and . _ ~ - only' })
      .refine((id) => !id.startsWith('portcullis-'), { error: '`portcullis-` begins the names of clients of our own' })
      .describe('What it calls itself (`client_id`).'),
    name: z.string().min(1).max(100).optional().describe('What people are shown. Default: its id.'),
    secret: z
      .union([secretReference(), z.array(secretReference()).min(1).max(4)])
      .transform((secret) => (typeof secret === 'string' ? [secret] : secret))
      .optional()
      .describe('References to its secrets, of 32 characters at least: each of them opens.'),
    keys: keysOption
      .optional()
      .describe(
        'Its public keys (ES256, EdDSA, PS256): a reference to a JWKS, JWK or PEM text, the address where it publishes a ' +
          'JWKS, or a list of JWKs. Without `secret` it proves who it is with them (`private_key_jwt`).',
      ),
    certificate: certificateOptions
      .optional()
      .describe(
        'The certificate that it shows to a listener with `clientCertificates`, instead of a secret (RFC 8705). A name ' +
          'counts where the listener trusts the certificate.',
      ),
    certificateBoundTokens: z
      .boolean()
      .optional()
      .describe('Binds its tokens to the certificate that it shows. Default: true with `certificate`, else false.'),
    requestObjects: z
      .enum(['optional', 'required'])
      .optional()
      .describe('Whether its authorization requests must be signed with its `keys` (RFC 9101). Default: `optional`.'),
    allowPrivateAddress: reason.optional().describe('Lets its addresses that are called be loopback or private ones.'),
    allowPlainHttp: reason.optional().describe('Lets its addresses that are called be plain HTTP.'),
    grants: z
      .array(z.enum(clientGrants))
      .default(['authorizationCode', 'refreshToken'])
      .describe(
        'How it gets tokens: for a person who logs in, with a refresh token, for itself, with a device code, or for a token of ours.',
      ),
    scopes: z.array(scopeName).max(500).default([]).describe('What it may ask for of the resources.'),
    redirectUris: z
      .array(redirectUri)
      .max(50)
      .default([])
      .describe('Where people come back to, character by character. On loopback, the port may be any.'),
    postLogoutRedirectUris: z
      .array(redirectUri)
      .max(50)
      .default([])
      .describe('Where they come back to after logging out.'),
    backchannelLogoutUri: z
      .string()
      .max(2000)
      .optional()
      .describe(
        'Where it is told, by a signed token, that somebody has logged out (OpenID Connect Back-Channel Logout).',
      ),
    roles: z
      .array(z.string().min(1).max(256))
      .max(256)
      .default([])
      .describe('Roles of the client itself, in tokens that stand for no person (`clientCredentials`).'),
    consent: z
      .enum(['ask', 'given'])
      .default('ask')
      .describe('`given`: it is one of your own, and people are not asked whether it may.'),
    acr: z
      .enum(['aal2'])
      .optional()
      .describe('`aal2`: people log in to it with two factors, whatever its requests say. Default: what they ask for.'),
    dpop: z
      .enum(['optional', 'required'])
      .default('optional')
      .describe('Whether its tokens must be bound to a key (RFC 9449).'),
    introspects: z
      .enum(['own', 'all'])
      .default('own')
      .describe('Whose tokens it may look into: its own, or all, as an API does that gets opaque tokens.'),
    resources: z
      .array(z.string().min(1).max(500))
      .min(1)
      .max(100)
      .optional()
      .describe('Identifiers of the resources that it may ask for. Default: all of them.'),
    legacy: legacyOptions.optional().describe('Grants that are unsafe, until a day, while the client is moved away.'),
    exchanges: z
      .enum(['delegate', 'impersonate'])
      .default('delegate')
      .describe(
        'With `tokenExchange`: whether the new token names the client as who acts (`act`), or nobody sees it (`impersonate`).',
      ),
  })
  .superRefine((options, context) => {
    const { secret, keys, certificate, requestObjects, allowPlainHttp, grants, redirectUris, exchanges, legacy } =
      options
    const issue = (path: string, message: string) => context.addIssue({ code: 'custom', path: [path], message })
    const byCode = grants.includes('authorizationCode')
    if (byCode && redirectUris.length === 0) issue('redirectUris', 'must name one at least, or nobody could come back')
    if (!byCode && !grants.includes('deviceCode') && grants.includes('refreshToken'))
      issue('grants', '`refreshToken` needs `authorizationCode` or `deviceCode`')
    const isPublic = secret === undefined && keys === undefined && certificate === undefined
    for (const grant of ['clientCredentials', 'tokenExchange'] as const) {
      if (isPublic && grants.includes(grant))
        issue('secret', `\`keys\` or \`certificate\` must be given: with \`${grant}\`, anybody could be this client`)
    }
    if (grants.length === 0 && legacy === undefined) issue('grants', 'must name one at least')
    if (legacy?.password !== undefined && isPublic)
      issue('legacy', 'with `password` the client must have a `secret`, `keys` or `certificate`')
    if (legacy?.implicit !== undefined && (redirectUris.length === 0 || !redirectUris.every(isPlainHttps)))
      issue('legacy', 'with `implicit` there must be `redirectUris`, all of them https:// and not on this machine')
    if (legacy?.implicit !== undefined && options.dpop === 'required')
      issue('legacy', 'with `implicit` tokens are bound to no key: not together with `dpop: required`')
    if (options.acr !== undefined && !byCode && !grants.includes('deviceCode'))
      issue('acr', 'needs a grant for people: `authorizationCode` or `deviceCode`')
    if (options.acr !== undefined && legacy?.password !== undefined)
      issue('acr', 'not together with `legacy: { password }`, which is one factor')
    if (exchanges === 'impersonate' && !grants.includes('tokenExchange'))
      issue('exchanges', 'needs the grant `tokenExchange`')
    if (certificate !== undefined && (secret ?? keys) !== undefined)
      issue('certificate', 'stands alone: with `secret` or `keys` beside it, there would be two ways in')
    if (options.dpop === 'required' && options.certificateBoundTokens === true)
      issue('certificateBoundTokens', 'not together with `dpop: required`: a token is bound to one thing')
    const logout = options.backchannelLogoutUri
    const logoutProblem = logout === undefined ? null : findUrlProblem(logout, allowPlainHttp !== undefined)
    if (logoutProblem !== null) issue('backchannelLogoutUri', logoutProblem)
    if (requestObjects !== undefined && keys === undefined) issue('requestObjects', 'needs `keys`')
    if (keys !== undefined && 'url' in keys && keys.url.startsWith('http:') && allowPlainHttp === undefined)
      issue('keys', 'must begin with https:// (see allowPlainHttp)')
  })

export type ClientOptions = z.output<typeof clientOptions>

/** Never repeats an address: it may hold a password. */
function findUrlProblem(text: string, allowHttp: boolean): string | null {
  const url = URL.parse(text)
  if (url === null || !/^https?:$/.test(url.protocol)) return 'must be a URL such as https://app.example.com/logout'
  if (url.username !== '' || url.password !== '' || url.hash !== '') return 'must not hold a password or a fragment'
  return url.protocol === 'https:' || allowHttp ? null : 'must begin with https:// (see allowPlainHttp)'
}
