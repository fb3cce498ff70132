import { z } from 'zod'
import { duration, secretReference } from '../../core/option-types.ts'

const reason = z.strictObject({ reason: z.string().min(1).describe('Why this is safe here.') })

/** Where entities are fetched from. */
export const entitiesAddress = z
  .strictObject({
    url: z.string().min(1).max(2048).describe('What answers with the list, as JSON.'),
    token: secretReference().optional().describe('Sent along as bearer token.'),
    ttl: duration({ min: '1s', max: '24h' }).prefault('1m').describe('How long a list is used.'),
    onFailure: z
      .enum(['refuse', 'stale'])
      .default('stale')
      .describe('While none can be fetched: refuse, or use the last one for `maxStale` more.'),
    maxStale: duration({ max: '24h' }).prefault('10m').describe('How much longer than `ttl`, with `onFailure: stale`.'),
    maxEntities: z.int().min(1).max(10_000).default(1_000).describe('A list of more is not used.'),
    timeout: duration({ min: '100ms', max: '8s' }).prefault('3s').describe('How long one fetch may take.'),
    allowPrivateAddress: reason.optional().describe('Lets it be on a loopback or private address.'),
    allowPlainHttp: reason.optional().describe('Lets it be plain HTTP, where entities can be changed on the way.'),
  })
  .superRefine(({ url, allowPlainHttp }, context) => {
    const parsed = URL.parse(url)
    const complain = (message: string) => context.addIssue({ code: 'custom', path: ['url'], message })
    if (parsed === null || !/^https?:$/.test(parsed.protocol)) complain('must be a URL')
    else if (parsed.username !== '' || parsed.password !== '') complain('must not hold a user name or password')
    else if (parsed.protocol === 'http:' && allowPlainHttp === undefined) {
      complain('must begin with https:// (see allowPlainHttp)')
    }
  })

export type EntitiesAddress = z.output<typeof entitiesAddress>
