import { z } from 'zod'
import { clientGrants } from '../../stores/ports/client-store.ts'
import { scopeName } from '../resource-options.ts'

export const registrationOptions = z.strictObject({
  grants: z
    .array(z.enum(clientGrants))
    .min(1)
    .default(['authorizationCode', 'refreshToken'])
    .describe('How clients that register may get tokens.'),
  scopes: z.array(scopeName).max(500).default([]).describe('What they may ask for of the resources, at most.'),
  redirects: z
    .array(z.enum(['https', 'loopback', 'app']))
    .min(1)
    .default(['https'])
    .describe(
      'Where people may be sent back to: an `https://` address, a program on their own machine (`http://127.0.0.1`), an ' +
        'app with a scheme of its own.',
    ),
})

/** Programs that make clients of themselves, by an invitation (RFC 7591). */
export type RegistrationOptions = z.output<typeof registrationOptions>
