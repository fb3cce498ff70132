import { z } from 'zod'
import { secretReference } from '../../core/option-types.ts'
import { isLoopback } from '../loopback.ts'

const reason = z.strictObject({ reason: z.string().min(1).describe('Why this is safe here.') })
const word = z.string().min(1).max(500)

/** An address that is asked, or that people are sent to. Plain HTTP is for loopback only. */
const address = z
  .string()
  .max(2000)
  .superRefine((text, context) => {
    const message = findAddressProblem(text)
    if (message !== null) context.addIssue({ code: 'custom', message })
  })

const pointer = z
  .string()
  .regex(/^(\/[^/]{1,100}){1,8}$/, { error: 'not a JSON pointer such as /email or /data/id' })
  .max(200)

const roleRule = z.strictObject({
  claim: word.describe('The name of a claim, or a JSON pointer to it.'),
  value: word.describe('What it must be, or hold where it is a list.'),
  roles: z.array(z.string().min(1).max(256)).min(1).max(64).describe('What the person is then.'),
})

const common = {
  clientId: word.describe('What it calls this server: `client_id`.'),
  label: z.string().min(1).max(60).optional().describe('What stands on the button.'),
  scopes: z.array(word).max(50).optional().describe('What is asked for, instead of what is needed for a login.'),
  roles: z
    .array(roleRule)
    .max(100)
    .default([])
    .describe('Roles by what it says of a person, decided anew at each login through it.'),
}
const clientSecret = secretReference().describe('The reference to its secret.')

const custom = z
  .strictObject({
    issuer: address
      .optional()
      .describe(
        'The name of an OpenID Connect server; the rest is found out there. Beside `authorize`: what `iss` must say.',
      ),
    authorize: address.optional().describe('For plain OAuth 2: where people are sent.'),
    token: address.optional().describe('For plain OAuth 2: where the code is redeemed.'),
    userinfo: address.optional().describe('For plain OAuth 2: what answers who somebody is, to a bearer token.'),
    ...common,
    clientSecret: clientSecret.optional(),
    responseMode: z
      .enum(['query', 'formPost'])
      .default('query')
      .describe('For OpenID Connect: how people are sent back, by an address or by a form.'),
    id: pointer.default('/id').describe('For plain OAuth 2: the pointer to what never changes about somebody.'),
    email: pointer.default('/email').describe('For plain OAuth 2: the pointer to the e-mail address.'),
    verified: pointer
      .optional()
      .describe('For plain OAuth 2: the pointer to whether the address is verified. Without it, none is.'),
    name: pointer.default('/name').describe('For plain OAuth 2: the pointer to the name of the person.'),
    allowPrivateAddress: reason.optional().describe('Lets it be on a loopback or private address.'),
  })
  .superRefine(({ issuer, authorize, token, userinfo, allowPrivateAddress }, context) => {
    const add = (message: string) => context.addIssue({ code: 'custom', message })
    const plain = [authorize, token, userinfo].filter((one) => one !== undefined).length
    if (plain === 0 && issuer === undefined) add('name its `issuer`, or `authorize`, `token` and `userinfo`')
    if (plain > 0 && plain < 3) add('plain OAuth 2 needs `authorize`, `token` and `userinfo`')
    const asked = [issuer, token, userinfo].filter((one) => one !== undefined)
    if (allowPrivateAddress === undefined && asked.some(isHere)) add(neverReached)
  })

const presets = {
  google: z.strictObject({ ...common, clientSecret }),
  github: z
    .strictObject({
      ...common,
      clientSecret,
      server: address.prefault('https://github.com').describe('GitHub Enterprise Server has an address of its own.'),
      allowPrivateAddress: reason.optional().describe('Lets it be on a loopback or private address.'),
    })
    .superRefine(({ server, allowPrivateAddress }, context) => {
      if (allowPrivateAddress === undefined && isHere(server))
        context.addIssue({ code: 'custom', message: neverReached })
    }),
  microsoft: z.strictObject({
    ...common,
    clientSecret,
    tenant: z
      .string()
      .regex(/^[A-Za-z0-9.-]{1,100}$/, {
        error: 'not the id or domain of a tenant, `common`, `organizations` or `consumers`',
      })
      .default('common')
      .describe('Whose people: the id or domain of one tenant, or `organizations`, `consumers`, `common` (both).'),
  }),
  apple: z.strictObject({
    ...common,
    teamId: word.describe('The ten characters of the team.'),
    keyId: word.describe('The ten characters of the key.'),
    key: secretReference().describe('The reference to its key, as in `file:AuthKey_ABC123DEFG.p8`.'),
  }),
  facebook: z.strictObject({ ...common, clientSecret }),
}

/** Other servers that people log in through, by the names that stand in addresses. */
export const providersOptions = z
  .object({
    google: presets.google.optional().describe('Google.'),
    github: presets.github.optional().describe('GitHub.'),
    microsoft: presets.microsoft.optional().describe('Microsoft: work, school and personal accounts.'),
    apple: presets.apple.optional().describe('Apple.'),
    facebook: presets.facebook.optional().describe('Facebook.'),
  })
  .catchall(custom)
  .superRefine((providers, context) => {
    const names = Object.keys(providers)
    for (const name of names) {
      if (!/^[a-z][a-z0-9-]{0,31}$/.test(name))
        context.addIssue({ code: 'custom', path: [name], message: 'a name has small letters, digits and - only' })
    }
    if (names.length > 20) context.addIssue({ code: 'custom', message: 'more than 20 are no choice any more' })
  })

export type ProvidersOptions = z.output<typeof providersOptions>
export type RoleRule = z.output<typeof roleRule>
export type CustomProvider = z.output<typeof custom>

const neverReached = 'it is on this machine, which is asked only with `allowPrivateAddress: { reason: … }`'

function isHere(text: string): boolean {
  return isLoopback(URL.parse(text)?.hostname ?? '')
}

function findAddressProblem(text: string): string | null {
  const url = URL.parse(text)
  if (url === null || !/^https?:$/.test(url.protocol)) return 'must be a URL such as https://login.example.com'
  if (url.username !== '' || url.password !== '') return 'must not hold a user name or password'
  if (url.hash !== '' || text.includes('#')) return 'must not have a fragment'
  if (url.protocol === 'http:' && !isLoopback(url.hostname))
    return 'must begin with https:// (http:// is for loopback only)'
  return null
}
