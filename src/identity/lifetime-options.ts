import { z } from 'zod'
import { duration } from '../core/option-types.ts'

export const accessTokens = z.strictObject({
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

export const refreshTokens = z.strictObject({
  idle: duration({ min: '10m', max: '365d' })
    .prefault('14d')
    .describe('A refresh token that is not used for so long has ended. Each is good for one use.'),
  lifetime: duration({ min: '10m', max: '730d' })
    .prefault('90d')
    .describe('When the last of a line of refresh tokens ends, however much they are used.'),
})

export const sessions = z.strictObject({
  lifetime: duration({ min: '10m', max: '90d' })
    .prefault('14d')
    .describe('How long a person who logged in is not asked again, in one browser.'),
})

export const signingKeys = z.strictObject({
  rotateEvery: duration({ min: '1h', max: '730d' })
    .prefault('90d')
    .describe('How long a key signs. The next one is published well before it signs.'),
  overlap: duration({ min: '1h', max: '90d' })
    .prefault('7d')
    .describe('How long a key that signs no more is still published, for what it has signed.'),
})

export const signUp = z.enum(['off', 'invited', 'open'])
