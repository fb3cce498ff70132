import { z } from 'zod'
import { clientOptions } from '../clients/options.ts'
import { providersOptions } from '../federation/options.ts'
import { issuerAddress } from '../issuer-address.ts'
import { accessTokens, refreshTokens, sessions, signingKeys, signUp } from '../lifetime-options.ts'
import { mailOptions } from '../mail/options.ts'
import { pagesOptions } from '../pages/options.ts'
import { passkeyOptions } from '../passkeys/options.ts'
import { resourceMap } from '../resource-options.ts'

const inPlace = (what: string) => `${what} Default: that of the block around it.`

/** One tenant of the identity server: what is not said here is as in the block around it. */
const tenantOptions = z
  .strictObject({
    issuer: issuerAddress()
      .optional()
      .describe('Its own name and address. Default: `/t/` and the name of the tenant, below `issuer` of the block.'),
    resources: resourceMap
      .optional()
      .describe(
        'The APIs that its tokens are for. Default: those of the block around it, each by the name of the tenant, a dash and its ' +
          'own name; where that names none, one by the name of the tenant.',
      ),
    clients: z
      .array(clientOptions)
      .max(500)
      .default([])
      .describe(
        'Programs that may ask for its tokens. Those of the block around it and of other tenants are unknown here.',
      ),
    accessTokens: accessTokens.optional().describe(inPlace('What callers show to the API.')),
    refreshTokens: refreshTokens.optional().describe(inPlace('What clients get new access tokens with.')),
    sessions: sessions.optional().describe(inPlace('Who is logged in.')),
    mail: mailOptions.optional().describe(inPlace('How mails reach its people.')),
    signUp: signUp.optional().describe(inPlace('Whether people can make accounts of this tenant.')),
    providers: providersOptions.optional().describe(inPlace('Other servers that its people log in through.')),
    passkeys: passkeyOptions.optional().describe(inPlace('How its people log in without a password, or `off`.')),
    pages: pagesOptions.optional().describe(inPlace('How its pages look.')),
    signingKeys: signingKeys.optional().describe(inPlace('Keys of its own, and when they are changed.')),
  })
  .superRefine(({ clients }, context) => {
    const ids = clients.map(({ id }) => id)
    const twice = ids.findIndex((id, i) => ids.indexOf(id) !== i)
    if (twice < 0) return
    const path = ['clients', twice, 'id']
    context.addIssue({ code: 'custom', path, message: `"${ids[twice]}" stands here twice` })
  })

export type TenantOptions = z.output<typeof tenantOptions>

export const tenantMap = z
  .record(
    z.string().regex(/^[A-Za-z][A-Za-z0-9_-]{0,63}$/, { error: 'not a name such as north or customer-2' }),
    tenantOptions,
  )
  .refine((tenants) => Object.keys(tenants).length <= 500, { error: 'names more than 500 tenants' })
