import { z } from 'zod'
import { byteSize, rate, secretReference } from '../../src/core/option-types.ts'
import { type AnyPolicy, definePolicy } from '../../src/core/policy.ts'

/*
 * Small policies of every kind and with every part of the contract that configuration reads. They protect nothing.
 */

const inert = { codes: {}, create: () => ({}), probes: () => [] } as const

const rateLimit = definePolicy({
  ...inert,
  name: 'rate-limit',
  summary: 'Limits how often callers may call',
  kind: 'protection',
  options: z.strictObject({
    limit: rate().describe('How often, such as `100/min`.'),
    per: z.enum(['ip', 'principal']).default('ip').describe('What is counted.'),
    burst: z.int().min(1).max(1000).default(10).describe('How many at once.'),
  }),
  compose(inherited, own) {
    if (inherited.per !== own.per) return 'both'
    const perMs = ({ limit }: typeof own) => limit.limit / limit.windowMs
    return perMs(own) <= perMs(inherited) && own.burst <= inherited.burst ? 'tighter' : 'looser'
  },
})

const bodyLimits = definePolicy({
  ...inert,
  name: 'body-limits',
  summary: 'Bounds how large a request may be',
  kind: 'protection',
  options: z.strictObject({
    maxBytes: byteSize().prefault('10MiB').describe('The longest body.'),
    maxParts: z.int().min(0).default(100).describe('The most parts of a multipart body.'),
  }),
  always: {},
  compose: (inherited, own) =>
    own.maxBytes <= inherited.maxBytes && own.maxParts <= inherited.maxParts ? 'tighter' : 'looser',
})

const profiles = ['basic', 'strict'] as const

const securityHeaders = definePolicy({
  ...inert,
  name: 'security-headers',
  summary: 'Sets headers that browsers enforce',
  kind: 'protection',
  options: z.strictObject({
    profile: z.enum(profiles).default('strict').describe('Which set of headers.'),
    report: z.string().optional().describe('Where browsers report violations to.'),
    unsafeInline: z.boolean().default(false).describe('Lets inline scripts run.'),
  }),
  shorthand: z.enum(profiles).transform((profile) => ({ profile })),
  compose: (inherited, own) =>
    profiles.indexOf(own.profile) >= profiles.indexOf(inherited.profile) ? 'tighter' : 'looser',
  warnings: ({ unsafeInline }) => (unsafeInline ? [{ text: 'inline scripts run', reason: null }] : []),
  endpoints: ({ report }) =>
    report === undefined ? [] : [{ id: 'report', path: report, methods: ['POST'], reason: 'browsers report here' }],
})

const apiKey = definePolicy({
  ...inert,
  name: 'api-key',
  summary: 'Identifies callers by keys',
  kind: 'credential',
  options: z.strictObject({
    header: z.string().default('x-api-key').describe('The header field that holds the key.'),
    query: z.boolean().default(false).describe('Whether keys may stand in the query.'),
    pepper: secretReference().optional().describe('A secret that is mixed into the hashes.'),
  }),
  compose: (inherited, own) => (own.query && !inherited.query ? 'looser' : 'tighter'),
})

const jwt = definePolicy({
  ...inert,
  name: 'jwt',
  summary: 'Identifies callers by signed tokens',
  kind: 'credential',
  options: z.strictObject({ issuer: z.string().describe('Whose tokens.') }),
  blocks: {
    issuers: z
      .record(z.string(), z.strictObject({ issuer: z.url().describe('The issuer’s address.') }))
      .describe('Who issues tokens.'),
  },
  compose: (inherited, own) => (inherited.issuer === own.issuer ? 'tighter' : 'looser'),
  check({ issuer }, { block }) {
    const issuers = block<Record<string, unknown> | undefined>('issuers') ?? {}
    return Object.hasOwn(issuers, issuer) ? [] : [`there is no issuer "${issuer}"`]
  },
})

const rbac = definePolicy({
  ...inert,
  name: 'rbac',
  summary: 'Asks for roles and scopes',
  kind: 'authorization',
  options: z.strictObject({
    roles: z.array(z.string()).min(1).optional().describe('One of these roles.'),
    scopes: z.array(z.string()).min(1).optional().describe('All of these scopes.'),
  }),
  compose: (inherited, own) =>
    own.roles?.every((role) => inherited.roles?.includes(role) ?? true) ? 'tighter' : 'both',
})

const abac = definePolicy({
  ...inert,
  name: 'abac',
  summary: 'Asks a policy engine',
  kind: 'authorization',
  options: z.strictObject({ policy: z.string().describe('The name of the policy.') }),
  compose: () => 'both',
})

const logBodies = definePolicy({
  ...inert,
  name: 'log-bodies',
  summary: 'Writes bodies into the log',
  kind: 'protection',
  options: z.strictObject({ maxBytes: byteSize().prefault('4KiB').describe('How much of a body.') }),
  weakens: true,
  compose: (inherited, own) => (own.maxBytes <= inherited.maxBytes ? 'tighter' : 'looser'),
  warnings: () => [{ text: 'bodies go into the log', reason: null }],
})

const registry = [
  bodyLimits,
  rateLimit,
  apiKey,
  jwt,
  rbac,
  abac,
  logBodies,
  securityHeaders,
] as const satisfies readonly AnyPolicy[]

export const fakePolicies: readonly AnyPolicy[] = registry

export type FakePolicy = (typeof registry)[number]
