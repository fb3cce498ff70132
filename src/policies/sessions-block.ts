import { z } from 'zod'
import { duration } from '../core/option-types.ts'

/** What holds for all sessions, whichever route begins or asks for them. */
export const sessionsBlock = z
  .strictObject({
    cookie: z
      .string()
      .regex(/^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,64}$/, { error: 'not the name of a cookie' })
      .default('__Host-session')
      .describe(
        'The name of the cookie. With the prefix `__Host-`, browsers take it from this host only, over HTTPS; under ' +
          'another name, every host of the domain can set it.',
      ),
    sameSite: z
      .enum(['lax', 'strict'])
      .default('lax')
      .describe(
        '`lax` sends the cookie along when a link of another site is followed, `strict` never does: people who come ' +
          'by a link are then strangers on the first page.',
      ),
    idle: duration({ min: '1m', max: '90d' })
      .prefault('30m')
      .describe(
        'A session that is not used for so long has ended. Its last use is kept to a tenth of that, at most a minute.',
      ),
    absolute: duration({ min: '1m', max: '400d' })
      .prefault('12h')
      .describe('When a session ends, however much it is used.'),
    persistent: z
      .boolean()
      .default(false)
      .describe('Keeps the cookie when the browser is closed, until the session ends.'),
    maxPerPrincipal: z
      .int()
      .min(1)
      .max(1000)
      .default(20)
      .describe('Sessions that one principal may have; with one more, the one that was used longest ago ends.'),
    unsafePlainHttp: z
      .strictObject({ reason: z.string().min(1).describe('Why this is acceptable.') })
      .optional()
      .describe(
        'Believes cookies that came over plain HTTP: for development, or behind a balancer that ends TLS and is not in ' +
          '`trustProxies`.',
      ),
  })
  .describe('What holds for all sessions of browsers: their cookie and lifetimes.')

export type SessionSettings = z.output<typeof sessionsBlock>

/** The block, or its defaults where the file has none. */
export function readSettings(block: <T>(key: string) => T): SessionSettings {
  return block<SessionSettings | undefined>('sessions') ?? sessionsBlock.parse({})
}
