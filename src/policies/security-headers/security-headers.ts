import type { Answer } from '../../core/answer.ts'
import { BoundedCache } from '../../core/bounded-cache.ts'
import { type Next, next } from '../../core/decision.ts'
import type { Exchange } from '../../core/exchange.ts'
import type { Hooks, PolicyDeps, RespondHook } from '../../core/policy.ts'
import { sharedCacheFields, toPrivate } from './cache-control.ts'
import { createReportEndpoint, reportEndpointName } from './csp-report-endpoint.ts'
import { toFields, toHsts } from './header-fields.ts'
import type { SecurityHeadersOptions } from './options.ts'
import { productFields } from './product-fields.ts'
import { resolveHeaders } from './profiles.ts'

/** What becomes of a field of the answer that is not simply kept. */
type Treatment = 'drop' | 'csp' | 'cache' | 'shared-cache'

export function createSecurityHeaders(options: SecurityHeadersOptions, deps: PolicyDeps): Hooks {
  const respond = createRespondHook(options)
  if (options.reportPath === undefined) return { respond }
  return { respond, endpoints: { [reportEndpointName]: createReportEndpoint(deps) } }
}

function createRespondHook(options: SecurityHeadersOptions): RespondHook {
  const values = resolveHeaders(options)
  const fields = toFields(options, values)
  const hsts = toHsts(values.strictTransportSecurity)
  const overTls = [...hsts, ...fields.sent]
  const inClear = fields.sent
  const { csp } = fields
  const prefersUpstream = options.upstreamContentSecurityPolicy === 'prefer'
  const cacheControl = values.cacheControl === 'off' || values.cacheControl === 'upstream' ? null : values.cacheControl
  const keepsPrivate = options.authenticatedCaching === 'private'
  const treatments = createTreatments(options, fields.managed)
  // Upstreams send few different values, so the rewriting is done once for each.
  const privateValues = new BoundedCache<string>({ maxEntries: 256, maxKeyLength: 64 * 1024 })

  function privateValue(value: string): string {
    let own = privateValues.get(value)
    if (own === undefined) {
      own = toPrivate(value)
      privateValues.set(value, own)
    }
    return own
  }

  return (exchange: Exchange, answer: Answer): Next => {
    const { flat } = answer.headers
    const personal = keepsPrivate && exchange.principal !== null
    let kept = 0
    let cacheAt = -1
    let upstreamCsp = false
    // The only pass over the answer: everything else was prepared.
    for (let i = 0; i < flat.length; i += 2) {
      const name = flat[i] as string
      switch (treatments.get(name)) {
        case undefined:
          break
        case 'drop':
          continue
        case 'csp':
          upstreamCsp = true
          break
        case 'shared-cache':
          if (personal) continue
          break
        case 'cache':
          if (cacheAt !== -1) {
            flat[cacheAt] = `${flat[cacheAt]}, ${flat[i + 1]}`
            continue
          }
          cacheAt = kept + 1
          break
      }
      if (kept !== i) {
        flat[kept] = name
        flat[kept + 1] = flat[i + 1] as string
      }
      kept += 2
    }
    if (kept !== flat.length) flat.length = kept

    const secure = exchange.scheme === 'https'
    // After 101 there is no document and nothing to store; browsers do take the transport rule from it.
    if (answer.status === 101) {
      if (secure) push(flat, hsts)
      return next
    }
    push(flat, secure ? overTls : inClear)
    if (!upstreamCsp || !prefersUpstream) push(flat, csp)
    if (cacheAt !== -1) {
      if (personal) flat[cacheAt] = privateValue(flat[cacheAt] as string)
    } else if (cacheControl !== null && answer.status !== 304) {
      // A 304 changes what the client has stored (RFC 9111 section 4.3.4), so what it leaves out stays as it was.
      flat.push('cache-control', cacheControl)
    }
    return next
  }
}

function push(flat: string[], fields: readonly string[]): void {
  for (let i = 0; i < fields.length; i++) flat.push(fields[i] as string)
}

function createTreatments(options: SecurityHeadersOptions, managed: readonly string[]): ReadonlyMap<string, Treatment> {
  const keep = new Set(options.keepHeaders)
  const treatments = new Map<string, Treatment>()
  for (const name of [...productFields, ...options.removeHeaders]) if (!keep.has(name)) treatments.set(name, 'drop')
  for (const name of sharedCacheFields) treatments.set(name, 'shared-cache')
  treatments.set('cache-control', 'cache')
  treatments.set('content-security-policy', options.upstreamContentSecurityPolicy === 'replace' ? 'drop' : 'csp')
  for (const name of managed) treatments.set(name, 'drop')
  return treatments
}
