import { z } from 'zod'

/** A scope's name (RFC 6749 section 3.3). Those of OpenID Connect are no resource's. */
export const scopeName = z
  .string()
  .regex(/^[\x21\x23-\x5b\x5d-\x7e]{1,128}$/, { error: 'not the name of a scope, such as orders:read' })

/** An API that tokens are for (RFC 8707). */
export const resourceOptions = z.strictObject({
  identifier: z
    .string()
    .max(500)
    .refine((text) => URL.canParse(text) && !text.includes('#'), {
      error: 'must be an absolute URI without fragment, such as https://shop.example.com/',
    })
    .describe('What clients name as `resource`, and what `aud` says in tokens for it.'),
  scopes: z.array(scopeName).max(500).default([]).describe('What may be asked for there.'),
})

/** The APIs of an issuer, the one that is meant where a client names none first. */
export const resourceMap = z
  .record(
    z.string().regex(/^[A-Za-z][A-Za-z0-9_-]{0,63}$/, { error: 'not a name such as shop or api-2' }),
    resourceOptions,
  )
  .refine((resources) => Object.keys(resources).length > 0, { error: 'name at least one' })
