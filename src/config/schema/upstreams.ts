import { z } from 'zod'
import { parseAddress } from '../../core/address.ts'
import { duration } from '../../core/option-types.ts'
import type { UpstreamOptions } from '../snapshot.ts'
import { fileReference } from './file-reference.ts'

const name = /^[A-Za-z][A-Za-z0-9_-]{0,63}$/

const target = z.string().transform((text, context): string => {
  const problem = checkTarget(text)
  if (problem === null) return new URL(text).origin
  context.addIssue({ code: 'custom', message: problem })
  return z.NEVER
})

/** Never repeats the text: an address may hold a password. */
export function checkTarget(text: string): string | null {
  const url = URL.parse(text)
  if (url === null) return 'must be an address such as http://127.0.0.1:3000'
  if (url.protocol !== 'http:' && url.protocol !== 'https:') return 'must begin with http:// or https://'
  if (url.username !== '' || url.password !== '') return 'must not hold a user name or password'
  if (url.pathname !== '/' || url.search !== '' || url.hash !== '') {
    return 'must end after host and port: paths are passed on as they were matched'
  }
  const [, host] = /^https?:\/\/(\[[^\]/]*\]|[^/:@?#\s\\]+)(?::\d+)?\/?$/i.exec(text) ?? []
  if (host === undefined) return 'must be an address such as http://127.0.0.1:3000'
  if (url.port === '0') return 'must name another port than 0'
  // `010.0.0.1` is 8.0.0.1 to some programs.
  const isMeant = parseAddress(url.hostname)?.kind() !== 'ipv4' || url.hostname === host
  return isMeant ? null : `must hold the address as it is read: ${url.hostname}`
}

function refuseRepeated(targets: readonly string[], context: z.RefinementCtx): void {
  targets.forEach((one, i) => {
    if (targets.indexOf(one) !== i) context.addIssue({ code: 'custom', path: [i], message: 'is listed twice' })
  })
}

const health = z
  .strictObject({
    path: z
      .string()
      .regex(/^\/[^\s#]*$/, { error: 'must be a path such as /health' })
      .describe('What is asked for.'),
    interval: duration({ min: '100ms', max: '1h' }).prefault('5s').describe('How often.'),
    timeout: duration({ min: '10ms', max: '1m' }).prefault('2s').describe('How long an answer may take.'),
    healthyAfter: z.int().min(1).max(100).default(1).describe('Good answers in a row that bring a target back.'),
    unhealthyAfter: z.int().min(1).max(100).default(2).describe('Bad answers in a row that take a target out.'),
  })
  .transform(({ interval, timeout, ...rest }) => ({ ...rest, intervalMs: interval, timeoutMs: timeout }))

const breaker = z
  .strictObject({
    failures: z.int().min(1).max(1000).default(5).describe('Failures in a row that open the circuit of a target.'),
    openFor: duration({ min: '100ms', max: '10m' })
      .prefault('10s')
      .describe('How long it stays open before one request may try.'),
  })
  .transform(({ failures, openFor }) => ({ failures, openMs: openFor }))
  .prefault({})

const tls = z
  .strictObject({
    ca: fileReference().optional().describe('The authorities to believe instead of the platform’s, PEM.'),
    cert: fileReference().optional().describe('The certificate that Portcullis shows to the target, PEM.'),
    key: fileReference().optional().describe('Its private key, PEM.'),
    serverName: z.string().min(1).optional().describe('The name to verify instead of the target’s.'),
  })
  .superRefine(({ cert, key }, context) => {
    if ((cert === undefined) === (key === undefined)) return
    const [given, missing] = cert === undefined ? ['key', 'cert'] : ['cert', 'key']
    context.addIssue({ code: 'custom', path: [given], message: `\`${given}\` needs \`${missing}\` beside it` })
  })
  .transform(({ ca = null, cert = null, key = null, serverName = null }) => ({ ca, cert, key, serverName }))

const upstream = z
  .strictObject({
    targets: z
      .array(target)
      .min(1)
      .max(256)
      .superRefine(refuseRepeated)
      .describe('Addresses, asked in turn. `https://` targets are verified.'),
    maxConnections: z.int().min(1).max(10_000).default(128).describe('Connections per target and worker.'),
    maxQueued: z
      .int()
      .min(0)
      .max(100_000)
      .default(512)
      .describe('Requests that may wait for a connection, per target and worker.'),
    connectTimeout: duration({ min: '10ms', max: '1m' }).prefault('5s').describe('How long connecting may take.'),
    firstByteTimeout: duration({ min: '10ms', max: '1h' })
      .prefault('30s')
      .describe('How long the target may think before it answers.'),
    idleTimeout: duration({ min: '10ms', max: '24h' })
      .prefault('60s')
      .describe('How long an answer may pause once it has begun.'),
    nameLifetime: duration({ min: '1s', max: '1h' })
      .prefault('30s')
      .describe('How long the addresses of a host name are used before it is looked up again.'),
    retries: z
      .int()
      .min(0)
      .max(5)
      .default(1)
      .describe('How often a safe request that never reached a target is tried on another one.'),
    health: health
      .optional()
      .describe('Asks every target regularly whether it is well. Without it, only the breaker looks.'),
    breaker: breaker.describe('Rests a target after failures of real traffic.'),
    tls: tls.optional().describe('For `https://` targets.'),
  })
  .superRefine(({ targets, tls: given }, context) => {
    const clear = targets.findIndex((text) => text.startsWith('http:'))
    const secure = targets.some((text) => text.startsWith('https:'))
    if (clear !== -1 && secure) {
      context.addIssue({ code: 'custom', path: ['targets', clear], message: 'mixes http:// and https:// targets' })
    }
    if (given !== undefined && !secure) {
      context.addIssue({ code: 'custom', path: ['tls'], message: '`tls` is set, but no target begins with https://' })
    }
  })
  .transform(
    ({
      connectTimeout,
      firstByteTimeout,
      idleTimeout,
      nameLifetime,
      health: check,
      tls: secure,
      ...rest
    }): UpstreamOptions => ({
      ...rest,
      connectTimeoutMs: connectTimeout,
      firstByteTimeoutMs: firstByteTimeout,
      idleTimeoutMs: idleTimeout,
      nameLifetimeMs: nameLifetime,
      health: check ?? null,
      tls: secure ?? null,
    }),
  )

/** The services behind Portcullis, by name. */
export const upstreamsBlock = z
  .record(z.string().regex(name, { error: 'must begin with a letter and hold letters, digits, - and _' }), upstream)
  .default({})
  .describe('The services behind Portcullis, by the names that routes use.')
