import { z } from 'zod'
import { clientOptions } from './clients/options.ts'
import { factorOptions } from './factors/settings.ts'
import { providersOptions } from './federation/options.ts'
import { issuerAddress } from './issuer-address.ts'
import { accessTokens, refreshTokens, sessions, signingKeys, signUp } from './lifetime-options.ts'
import { mailOptions } from './mail/options.ts'
import { pagesOptions } from './pages/options.ts'
import { passkeyOptions } from './passkeys/options.ts'
import { registrationOptions } from './registration/options.ts'
import { resourceMap } from './resource-options.ts'
import { findTenantProblems } from './tenants/find-problems.ts'
import { tenantMap } from './tenants/options.ts'

const firstAdministrator = z.strictObject({
  roles: z
    .array(z.string().regex(/^[^\s\p{C}]{1,200}$/u, { error: 'not a word' }))
    .min(1)
    .max(100)
    .describe('The roles of the first account.'),
})

/** The block `identity`: an authorization server of our own. */
export const identityOptions = z
  .strictObject({
    issuer: issuerAddress().describe(
      'Its name, and the address below which it answers: `https://shop.example.com/identity`. With a host of its own, ' +
        '`https://login.example.com`, it answers at every path of that host.',
    ),
    resources: resourceMap
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
          'it there are the clients of the file and those of `portcullis clients add`. Not for tenants.',
      ),
    tenant: z.string().min(1).max(200).optional().describe('Whose accounts log in here. Default: those of no tenant.'),
    accessTokens: accessTokens.prefault({}).describe('What callers show to the API.'),
    refreshTokens: refreshTokens.prefault({}).describe('What clients get new access tokens with.'),
    sessions: sessions.prefault({}).describe('Who is logged in.'),
    mail: mailOptions.optional().describe('How mails reach people: without it, nobody is sent any.'),
    signUp: signUp
      .default('off')
      .describe(
        '`open`: whoever reads the mails of an address can make an account of that name, and whoever comes from one of ' +
          '`providers` gets one. Needs `mail` or `providers`. `invited`: only who was sent a mail by `portcullis users invite`.',
      ),
    firstAdministrator: firstAdministrator
      .optional()
      .describe(
        'While there is no account at all, each start prints a link, good for one use and an hour, behind which the ' +
          'first one is made. There is never a default password.',
      ),
    ...factorOptions,
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
    tenants: tenantMap
      .default({})
      .describe(
        'Tenants, each with an issuer, people, clients, roles and keys of its own, by their names: those of their accounts.',
      ),
  })
  .superRefine((options, context) => {
    for (const { path, message } of findTenantProblems(options)) {
      context.addIssue({ code: 'custom', path: [...path], message })
    }
  })
  .superRefine(({ clients, secondFactor }, context) => {
    const seen = new Set<string>()
    clients.forEach(({ id, acr }, i) => {
      if (seen.has(id))
        context.addIssue({ code: 'custom', path: ['clients', i, 'id'], message: `"${id}" stands here twice` })
      seen.add(id)
      if (acr === undefined || secondFactor !== 'off') return
      const message = 'nobody could log in to it: second factors are switched off (`secondFactor`)'
      context.addIssue({ code: 'custom', path: ['clients', i, 'acr'], message })
    })
  })

/** The block, or one of its tenants as an issuer of its own (see `listIssuers`). */
export type IdentityOptions = z.output<typeof identityOptions> & {
  /** Whose issuer this is; absent for that of the block itself. Nothing that a file says. */
  readonly realm?: string
}

/** The top-level blocks of the policy file that this folder reads. */
export const identityBlocks = {
  identity: identityOptions
    .optional()
    .describe('An OAuth 2 and OpenID Connect server of our own: people log in, clients get tokens that routes accept.'),
}
