import { z } from 'zod'
import { duration, secretReference } from '../../core/option-types.ts'
import { parseOrigin } from '../../core/origin.ts'
import { claimOptions } from '../claim-options.ts'
import { issuerName } from '../issuer-name.ts'

const reason = z.strictObject({ reason: z.string().min(1).describe('Why this is safe here.') })
const text = z.string().min(1).max(2048)
const plainPath = () => z.string().regex(/^(?:\/[A-Za-z0-9._~-]+)+$/, { error: 'not a plain path such as /auth/login' })
const page = () => z.string().regex(/^\/(?![/\\])[!-~]*$/, { error: 'a path of this host, such as /' })

/** What `issuer` is where the identity server of the same file is meant. */
export const ownIssuerName = 'identity'

const client = z.strictObject({
  id: text.describe('Its `client_id`.'),
  secret: secretReference().describe('Its secret: it is a confidential client.'),
  method: z.enum(['basic', 'post']).default('basic').describe('Whether the secret goes in a header or in the body.'),
})

const paths = z
  .strictObject({
    login: plainPath()
      .default('/auth/login')
      .describe('Where a login begins; `?to=/page` says where it comes back to.'),
    callback: plainPath().default('/auth/callback').describe('Where the issuer sends the browser back to.'),
    logout: plainPath().default('/auth/logout').describe('Where a POST logs out.'),
    backchannel: plainPath()
      .default('/auth/backchannel-logout')
      .describe('Where another issuer says that a login has ended (OpenID Connect Back-Channel Logout).'),
    me: plainPath().default('/auth/me').describe('Tells the page who is logged in, as JSON.'),
  })
  .refine((all) => new Set(Object.values(all)).size === Object.keys(all).length, { error: 'must be five paths' })

const origin = z.string().transform((value, context): string => {
  const parsed = parseOrigin(value)
  if (typeof parsed === 'string' && /^https?:\/\/[^*]+$/.test(parsed)) return parsed
  context.addIssue({ code: 'custom', message: 'must be an origin such as https://shop.example.com' })
  return z.NEVER
})

const { boundClients: _, ...claims } = claimOptions

export const options = z
  .strictObject({
    issuer: issuerName()
      .default(ownIssuerName)
      .describe(
        `Who logs people in: \`${ownIssuerName}\`, the identity server of this file, or the address of an OpenID Connect issuer.`,
      ),
    client: client
      .optional()
      .describe(
        `As whom Portcullis asks for tokens. Default with \`${ownIssuerName}\`: a client that is made by itself.`,
      ),
    origin: origin
      .optional()
      .describe(
        `Where browsers find the application: \`https://shop.example.com\`. Default with \`${ownIssuerName}\`: the origin of the issuer.`,
      ),
    scopes: z
      .array(z.string().regex(/^[!#-[\]-~]{1,256}$/, { error: 'not a scope' }))
      .max(100)
      .default([])
      .describe('What is asked for, beside `openid` and `profile`. Some issuers want `offline_access` to refresh.'),
    resource: text.optional().describe('The API that tokens are to be for (RFC 8707), where the issuer knows several.'),
    paths: paths.prefault({}).describe('The routes that the policy brings; to be set under `defaults`.'),
    afterLogin: page().default('/').describe('Where people go who came from nowhere.'),
    afterLogout: page().default('/').describe('Where they go when they have logged out, or did not want to log in.'),
    attach: z
      .enum(['accessToken', 'none'])
      .default('accessToken')
      .describe(
        'Whether the upstream gets the access token (`Authorization: Bearer`), or only the identity that Portcullis signs.',
      ),
    tells: z
      .array(z.string().min(1).max(256))
      .max(32)
      .default(['name', 'preferred_username', 'email'])
      .describe('Claims of the ID token that `paths.me` tells the page.'),
    timeout: duration({ min: '100ms', max: '8s' })
      .prefault('5s')
      .describe('How long one question to the issuer may take.'),
    ...claims,
    allowPrivateAddress: reason.optional().describe('Lets the issuer be on a loopback or private address.'),
    allowPlainHttp: reason
      .optional()
      .describe('Lets questions go over plain HTTP, where tokens can be read on the way.'),
  })
  .superRefine(({ issuer, client, origin, allowPlainHttp }, context) => {
    const complain = (key: string, message: string) => context.addIssue({ code: 'custom', path: [key], message })
    if (issuer === ownIssuerName) return
    const url = URL.parse(issuer)
    if (url === null || !/^https?:$/.test(url.protocol)) complain('issuer', `must be \`${ownIssuerName}\` or a URL`)
    else if (url.username !== '' || url.password !== '') complain('issuer', 'must not hold a user name or password')
    else if (url.protocol === 'http:' && allowPlainHttp === undefined)
      complain('issuer', 'must begin with https:// (see allowPlainHttp)')
    if (client === undefined) complain('client', 'must say as whom the issuer knows Portcullis')
    if (origin === undefined) complain('origin', 'must say where browsers find the application')
  })

export type BrowserLoginOptions = z.output<typeof options>
