import { z } from 'zod'
import { duration } from '../core/option-types.ts'
import { clientOptions } from './clients/options.ts'
import { providersOptions } from './federation/options.ts'
import { isLoopback } from './loopback.ts'
import { mailOptions } from './mail/options.ts'
import { pagesOptions } from './pages/options.ts'
import { findPasskeyProblems, passkeyOptions } from './passkeys/options.ts'
import { registrationOptions } from './registration/options.ts'
import { resourceOptions } from './resource-options.ts'

const issuer = z
  .string()
  .max(200)
  .superRefine((text, context) => {
    const message = findIssuerProblem(text)
    if (message !== null) context.addIssue({ code: 'custom', message })
  })

const accessTokens = z.strictObject({
  format: z
    .enum(['jwt', 'opaque'])
    .default('jwt')
    .describe(
      '`jwt`: signed (RFC 9068), judged by routes without asking anybody. `opaque`: random text that says nothing; ' +
        'routes of other programs ask the introspection endpoint.',
    ),
  lifetime: duration({ min: '1m', max: '24h' })
    .prefault('10m')
    .describe('How long an access token is good for. Whoever finds one has no longer than that.'),
})

const refreshTokens = z.strictObject({
  idle: duration({ min: '10m', max: '365d' })
    .prefault('14d')
    .describe('A refresh token that is not used for so long has ended. Each is good for one use.'),
  lifetime: duration({ min: '10m', max: '730d' })
    .prefault('90d')
    .describe('When the last of a line of refresh tokens ends, however much they are used.'),
})

const sessions = z.strictObject({
  lifetime: duration({ min: '10m', max: '90d' })
    .prefault('14d')
    .describe('How long a person who logged in is not asked again, in one browser.'),
})

const signingKeys = z.strictObject({
  rotateEvery: duration({ min: '1h', max: '730d' })
    .prefault('90d')
    .describe('How long a key signs. The next one is published well before it signs.'),
  overlap: duration({ min: '1h', max: '90d' })
    .prefault('7d')
    .describe('How long a key that signs no more is still published, for what it has signed.'),
})

/** The block `identity`: an authorization server of our own. */
export const identityOptions = z
  .strictObject({
    issuer: issuer.describe(
      'Its name, and the address below which it answers: `https://shop.example.com/identity`. With a host of its own, ' +
        '`https://login.example.com`, it answers at every path of that host.',
    ),
    resources: z
      .record(
        z.string().regex(/^[A-Za-z][A-Za-z0-9_-]{0,63}$/, { error: 'not a name such as shop or api-2' }),
        resourceOptions,
      )
      .refine((resources) => Object.keys(resources).length > 0, { error: 'name at least one' })
      .optional()
      .describe(
        'The APIs that tokens are for, by the names under which `jwt` knows them. Without it there is one, `identity`, ' +
          'which stands for everything at the host of `issuer`.',
      ),
    clients: z.array(clientOptions).max(500).default([]).describe('Programs that may ask for tokens.'),
    registration: registrationOptions
      .optional()
      .describe(
        'Lets programs make clients of themselves (RFC 7591), each by an invitation: `portcullis clients invite`. Without ' +
          'it there are the clients of the file and those of `portcullis clients add`.',
      ),
    tenant: z.string().min(1).max(200).optional().describe('Whose accounts log in here. Default: those of no tenant.'),
    accessTokens: accessTokens.prefault({}).describe('What callers show to the API.'),
    refreshTokens: refreshTokens.prefault({}).describe('What clients get new access tokens with.'),
    sessions: sessions.prefault({}).describe('Who is logged in.'),
    mail: mailOptions.optional().describe('How mails reach people: without it, nobody is sent any.'),
    signUp: z
      .enum(['off', 'open'])
      .default('off')
      .describe(
        '`open`: whoever reads the mails of an address can make an account of that name, and whoever comes from one of ' +
          '`providers` gets one. Needs `mail` or `providers`.',
      ),
    providers: providersOptions
      .optional()
      .describe('Other servers that people log in through: Google, GitHub, Microsoft, Apple, Facebook, or any other.'),
    pages: pagesOptions.prefault({}).describe('How the pages that people see look, and what they say.'),
    passkeys: passkeyOptions
      .prefault({})
      .describe(
        'How people log in without a password (WebAuthn), or `off`. There are none where the host of `issuer` is an address.',
      ),
    signingKeys: signingKeys
      .prefault({})
      .describe('Keys that tokens are signed with (ES256). They are made by themselves.'),
  })
  .superRefine(({ issuer, clients, signUp, mail, providers, passkeys }, context) => {
    for (const { path, message } of findPasskeyProblems(issuer, passkeys))
      context.addIssue({ code: 'custom', path: ['passkeys', ...path], message })
    if (signUp !== 'off' && mail === undefined && providers === undefined) {
      const message = 'needs `mail`, by which addresses are verified, or `providers`'
      context.addIssue({ code: 'custom', path: ['signUp'], message })
    }
    const seen = new Set<string>()
    clients.forEach(({ id }, i) => {
      if (seen.has(id))
        context.addIssue({ code: 'custom', path: ['clients', i, 'id'], message: `"${id}" stands here twice` })
      seen.add(id)
    })
  })

export type IdentityOptions = z.output<typeof identityOptions>

/** The top-level blocks of the policy file that this folder reads. */
export const identityBlocks = {
  identity: identityOptions
    .optional()
    .describe('An OAuth 2 and OpenID Connect server of our own: people log in, clients get tokens that routes accept.'),
}

/** The rest of a URL is no part of a name that is compared character by character (RFC 8414 section 2). */
function findIssuerProblem(text: string): string | null {
  const url = URL.parse(text)
  if (url === null || !/^https?:$/.test(url.protocol)) return 'must be a URL such as https://shop.example.com/identity'
  if (url.username !== '' || url.password !== '') return 'must not hold a user name or password'
  if (url.search !== '' || url.hash !== '' || /[?#]/.test(text)) return 'must not have a query or a fragment'
  if (url.protocol === 'http:' && !isLoopback(url.hostname))
    return 'must begin with https:// (http:// is for loopback only)'
  if (url.pathname !== '/' && url.pathname.endsWith('/')) return 'must not end with a slash'
  if (!/^(\/[A-Za-z0-9._~-]+)*\/?$/.test(url.pathname)) return 'its path may hold letters, digits and . _ ~ - only'
  const written = url.pathname === '/' ? [url.origin, url.href] : [url.href]
  return written.includes(text) ? null : `must be written ${written[0]}`
}
