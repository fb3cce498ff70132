import { z } from 'zod'
import { duration, fieldName } from '../../core/option-types.ts'
import { trustedOrigin } from '../../core/trusted-origin.ts'

export const cookieName = () =>
  z.string().regex(/^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,64}$/, { error: 'not the name of a cookie' })

export const options = z.strictObject({
  cookies: z
    .union([z.enum(['session', 'any']), z.array(cookieName()).min(1).max(20)])
    .default('session')
    .describe(
      'Whose requests are checked: `session` those that the cookie of `session` identified; `any` also all that bring ' +
        'a cookie and neither `Authorization` nor an API key; a list of names those that bring one of these cookies.',
    ),
  trustedOrigins: z
    .array(trustedOrigin())
    .max(50)
    .default([])
    .describe('Origins beside our own whose pages may act for their users: `https://app.example.com`.'),
  sameSite: z
    .boolean()
    .default(false)
    .describe('Trusts every host of the same site. One of them that is taken over then acts for all users.'),
  token: z
    .enum(['off', 'accept', 'require'])
    .default('off')
    .describe(
      'Anti-CSRF tokens: `accept` takes one in place of an origin that the browser did not send, `require` asks for ' +
        'one beside it. Either brings `GET /.well-known/portcullis/csrf`, which hands them out.',
    ),
  tokenHeader: fieldName().prefault('x-csrf-token').describe('The field that carries the token.'),
  tokenField: z
    .string()
    .regex(/^[A-Za-z0-9_.-]{1,64}$/, { error: 'the name of a form field: letters, digits, `_`, `.`, `-`' })
    .default('csrf_token')
    .describe('The form field that carries it where the header does not; of forms up to 1 MiB.'),
  tokenCookie: cookieName()
    .optional()
    .describe(
      'A cookie that scripts of our pages read the token from, such as `__Host-csrf-token`; set with the answers to ' +
        'callers with a session.',
    ),
  tokenLifetime: duration({ min: '1m', max: '7d' })
    .prefault('12h')
    .describe('How long a token holds. It never outlives its session.'),
  harden: z
    .strictObject({
      sameSite: z.enum(['lax', 'strict']).default('lax').describe('Where the upstream names no `SameSite`.'),
      httpOnly: z.boolean().default(true).describe('Hides cookies from scripts.'),
      except: z.array(cookieName()).max(20).default([]).describe('Cookies that scripts must read.'),
    })
    .optional()
    .describe('Adds what cookies of the upstream lack: `SameSite`, `Secure`, `HttpOnly`.'),
})

export type CsrfOptions = z.output<typeof options>
