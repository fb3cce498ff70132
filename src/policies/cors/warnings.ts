import type { PolicyWarning } from '../../core/policy.ts'
import type { CorsOptions } from './options.ts'

/** What the options open to more pages than their author may expect. */
export function warnOfCors(options: CorsOptions): PolicyWarning[] {
  const warnings: PolicyWarning[] = options.origins.filter(isClearText).map((origin) => ({
    text: `cors: pages of ${origin} travel unencrypted, so whoever is on the network path can call the API as one of them`,
    reason: null,
  }))
  if (options.unsafeAllowNullOrigin !== undefined) {
    warnings.push({
      text: 'cors: the origin `null` is allowed, which a sandboxed frame on any site can send',
      reason: options.unsafeAllowNullOrigin.reason,
    })
  }
  return warnings
}

function isClearText(origin: string): boolean {
  if (!origin.startsWith('http://')) return false
  const name = origin.slice('http://'.length).replace(/:\d+$/, '')
  return name !== 'localhost' && !name.endsWith('.localhost') && name !== '127.0.0.1' && name !== '[::1]'
}
