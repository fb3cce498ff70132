/*
 * Times single hooks of policies that run on every request, without a server around them:
 *
 *     node --conditions=source bench/micro/policy-hooks.ts
 *
 * One process, median of nine rounds of 200 000 calls. The answer's names and values are fresh strings, as a parser
 * makes them, because lookups are slower for those than for literals.
 */

import { Answer } from '../../src/core/answer.ts'
import { Fields } from '../../src/core/fields.ts'
import type { AnyPolicy, Hooks } from '../../src/core/policy.ts'
import type { Principal } from '../../src/core/principal.ts'
import { bodyLimits } from '../../src/policies/body-limits/index.ts'
import { cors } from '../../src/policies/cors/index.ts'
import { ipAccess } from '../../src/policies/ip-access/index.ts'
import { securityHeaders } from '../../src/policies/security-headers/index.ts'
import { createTestExchange } from '../../test/support/exchange.ts'

interface Case {
  readonly name: string
  readonly policy: AnyPolicy
  readonly options?: unknown
  readonly hook: 'guard' | 'respond'
  /** The caller is authenticated and the upstream says `public`. */
  readonly personal?: boolean
}

const rounds = 9
const answersPerRound = 20_000
const passesPerRound = 10

const request = {
  'user-agent': 'Mozilla/5.0 (X11; Linux x86_64)',
  accept: 'application/json',
  'accept-language': 'en',
  'accept-encoding': 'gzip, br',
  referer: 'https://app.example.com/',
  origin: 'https://app.example.com',
  authorization: 'Bearer x',
  'sec-fetch-site': 'same-site',
  'sec-fetch-mode': 'cors',
  'sec-fetch-dest': 'empty',
  'content-type': 'application/json',
}

const answer = [
  ...['content-type', 'application/json; charset=utf-8', 'content-length', '512'],
  ...['date', 'Thu, 01 Jan 2026 00:00:00 GMT', 'etag', 'W/"200-abc"'],
  ...['x-powered-by', 'Express', 'vary', 'Accept-Encoding'],
]

const cases: readonly Case[] = [
  { name: 'security-headers respond: 12 fields onto an answer of 6', policy: securityHeaders, hook: 'respond' },
  { name: 'security-headers respond: made private', policy: securityHeaders, hook: 'respond', personal: true },
  { name: 'cors respond: listed origin', policy: cors, options: { origins: [request.origin] }, hook: 'respond' },
  { name: 'cors guard: listed origin', policy: cors, options: { origins: [request.origin] }, hook: 'guard' },
  { name: 'cors guard: fifth of 5 patterns', policy: cors, options: { origins: toPatterns(5) }, hook: 'guard' },
  { name: 'body-limits guard: no body', policy: bodyLimits, hook: 'guard' },
  { name: 'ip-access guard: 1 000 networks', policy: ipAccess, options: { deny: toNetworks(1000) }, hook: 'guard' },
]

for (const one of cases) console.log(`${one.name.padEnd(60)} ${await time(one)}`)

async function time({ policy, options, hook, personal = false }: Case): Promise<string> {
  const { exchange, pipeline } = await createTestExchange({ policies: [{ policy, options }], headers: request })
  if (personal) exchange.principal = { id: 'u1' } as Principal
  const call = toCall(pipeline.hooks[0] as Hooks, hook)
  const fields = personal ? [...answer, 'cache-control', 'public, max-age=60'] : answer
  const results: number[] = []
  for (let round = 0; round < rounds; round++) {
    const answers = Array.from({ length: answersPerRound }, () => {
      const fresh = fields.map((text) => Buffer.from(text).toString('latin1'))
      return { fresh, answer: new Answer('upstream', 200, new Fields([])) }
    })
    let total = 0n
    for (let pass = 0; pass < passesPerRound; pass++) {
      for (const { fresh, answer: one } of answers) one.headers.flat.splice(0, Number.POSITIVE_INFINITY, ...fresh)
      const start = process.hrtime.bigint()
      for (const { answer: one } of answers) {
        // As at the start of an exchange: what a policy remembers of it is not there yet.
        if (exchange.slots.length > 0) exchange.slots[0] = undefined
        call(exchange, one)
      }
      total += process.hrtime.bigint() - start
    }
    results.push(Number(total) / (answersPerRound * passesPerRound))
  }
  results.sort((a, b) => a - b)
  const [least, median, most] = [0, Math.floor(rounds / 2), rounds - 1].map((at) => (results[at] as number).toFixed(0))
  return `${median} ns (${least} to ${most})`
}

type Call = (exchange: Parameters<NonNullable<Hooks['respond']>>[0], answer: Answer) => unknown

function toCall(hooks: Hooks, hook: Case['hook']): Call {
  const { guard, respond } = hooks
  if (hook === 'guard' && guard !== undefined) return (exchange) => guard(exchange)
  if (hook === 'respond' && respond !== undefined) return respond
  throw new Error(`the policy has no ${hook} hook`)
}

function toPatterns(count: number): string[] {
  const others = Array.from({ length: count - 1 }, (_, i) => `https://*.other-${i}.example`)
  return [...others, 'https://*.example.com']
}

function toNetworks(count: number): string[] {
  return Array.from({ length: count }, (_, i) => `10.${i >> 8}.${i & 255}.0/24`)
}
